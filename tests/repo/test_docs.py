"""What the documents say is there: commands, options, settings, files, code, translations, decisions."""

import argparse
import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management import load_command_class

from tests.repo.source import PACKAGE, ROOT, files, name_of, tree
from tests.repo.test_settings import settings_described

COMMANDS = {path.stem.replace("_", "-") for path in (PACKAGE / "cli/management/commands").glob("[a-z]*.py")}
# Commands of Django and of the queue that an operator is told to use.
OTHERS = {"changepassword", "check", "clearsessions", "db_worker", "prune_db_task_results", "sendtestemail", "shell"}
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DECISION_LINES = 40
GLOSSARY = ROOT / "docs" / "glossary.md"
LEAST_COMMON_WORDS = 10


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def code_of(text: str) -> str:
    """Return what a page shows as code: blocks, and spans within lines."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join([*blocks, *spans])


def calls_in(text: str) -> list[tuple[str, list[str]]]:
    """Find the calls of our console script outside of comments: the command and its long options."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*$", "", code_of(text), flags=re.MULTILINE))
    found = re.findall(r"(?:^|[ (]|bin/)scoreport ([a-z][a-z_-]+)((?: +[^\n|;&)#]+)?)", joined, re.MULTILINE)
    return [(command, re.findall(r"(?<!\S)--[a-z-]+", options)) for command, options in found]


def options_of(command: str) -> set[str]:
    parser = load_command_class("scoreport.cli", command.replace("-", "_")).create_parser("scoreport", command)
    # The options of a command's acts, such as "access-code issue", are its own.
    acts = [its for a in parser._actions if isinstance(a, argparse._SubParsersAction) for its in a.choices.values()]
    return {option for one in (parser, *acts) for action in one._actions for option in action.option_strings}


def unknown_calls(text: str) -> list[str]:
    wrong = []
    for command, options in calls_in(text):
        if command in COMMANDS:
            wrong += [f"{command} {option}" for option in options if option not in options_of(command)]
        elif command not in OTHERS:
            wrong.append(command)
    return wrong


def test_commands_in_documents_exist_with_their_options():
    pages = [path for path in documents() if path.name != "CHANGELOG.md"]
    assert [f"{name_of(p)}: {wrong}" for p in pages if (wrong := unknown_calls(p.read_text("utf-8")))] == []


def test_a_command_or_option_that_does_not_exist_would_be_found():
    text = "```\nscoreport setup\nsudo scoreport serve --post 80\n```\nRun `scoreport load-stars x.csv --quick`."
    assert unknown_calls(text) == ["serve --post", "load-stars"]


def unknown_make(text: str) -> list[str]:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    return sorted(set(re.findall(r"(?:^|\s)make ([a-z]+)", code_of(text), re.MULTILINE)) - targets)


def test_make_targets_in_documents_exist():
    assert [f"{name_of(p)}: {wrong}" for p in documents() if (wrong := unknown_make(p.read_text("utf-8")))] == []
    assert unknown_make("Run `make test` and `make coffee`.") == ["coffee"]


# Names in capitals that are no settings of ours; the placeholders of commands are found in their help.
NO_SETTINGS = {
    "ACE",
    "API",
    "ARGS",
    "CHROMIUM",
    "COPY",
    "CSV",
    "EOF",
    "HTTP",
    "JSON",
    "LICENSE",
    "MAILTO",
    "NAME_FILE",
    "NULL",
}


def settings_named_in(text: str) -> set[str]:
    """Find what a page sets (`NAME=…`) or names with an underscore."""
    code = code_of(text)
    assigned = re.findall(r"(?:^|\s)([A-Z][A-Z0-9_]{3,})=", code, re.MULTILINE)
    named = re.findall(r"(?<![\w.-])([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?![\w.-])", code)
    return {name.removesuffix("_FILE") for name in [*assigned, *named]}


def constants() -> set[str]:
    """List the names in capitals that our code defines."""
    modules = [tree(path) for path in files() if path.suffix == ".py" and path.is_relative_to(PACKAGE)]
    return {node.id for module in modules for node in ast.walk(module) if isinstance(node, ast.Name)}


def test_settings_in_documents_exist():
    known = set(settings_described()) | NO_SETTINGS | constants() | placeholders()
    known |= {"TEST_DATABASE_URL", "TEST_PROCESSES", "REQUIRE_POSTGRES", "UPDATE_GOLDEN"}
    pages = documents()
    assert [f"{name_of(p)}: {wrong}" for p in pages if (wrong := settings_named_in(p.read_text("utf-8")) - known)] == []


def placeholders() -> set[str]:
    pages = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    return set(re.findall(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+", pages))


def test_a_setting_that_does_not_exist_would_be_found():
    assert settings_named_in("`SCOREPORT_DATA_DIR=x scoreport setup` and `KEEP_SCORES`, set DATABASE_URL") == {
        "SCOREPORT_DATA_DIR",
        "KEEP_SCORES",
    }


def test_every_setting_is_in_the_reference():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    assert [name for name in settings_described() if f"| `{name}` |" not in page] == []


def missing_files(text: str) -> list[str]:
    """Find files and folders of the repository that a page names in code and that are not there."""
    spans = re.findall(r"`((?:docs|tests|tools|requirements|scoreport|bench|\.ci)/[\w./*-]*)`", text)
    return [span for span in spans if "*" not in span and not (ROOT / span).exists()]


def test_files_in_documents_exist():
    assert [f"{name_of(p)}: {wrong}" for p in documents() if (wrong := missing_files(p.read_text("utf-8")))] == []
    assert missing_files("See `docs/glossary.md` and `tools/magic.sh`.") == ["tools/magic.sh"]


def unknown_code(text: str) -> list[str]:
    """Find dotted names such as `scores.queries.visible_scores` that lead nowhere."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    spans = re.findall(r"`(?:scoreport\.)?((?:{})(?:\.\w+)+)(?:\([^`]*\))?`".format("|".join(sorted(packages))), text)
    return [span for span in spans if not leads_somewhere(span.split("."))]


def leads_somewhere(parts: list[str]) -> bool:
    path = PACKAGE
    for number, part in enumerate(parts):
        if (path / part).is_dir():
            path /= part
        elif (path / f"{part}.py").exists():
            return defines(path / f"{part}.py", parts[number + 1 :])
        else:
            return defines(path / "__init__.py", parts[number:])
    return True


def defines(module: Path, names: list[str]) -> bool:
    if not names:
        return True
    text = module.read_text("utf-8") if module.exists() else ""
    return re.search(rf"\b{names[0]}\b", text) is not None


def test_code_in_documents_exists():
    assert [f"{name_of(p)}: {wrong}" for p in documents() if (wrong := unknown_code(p.read_text("utf-8")))] == []


def test_code_that_does_not_exist_would_be_found():
    text = "`scores.queries.visible_scores(actor, at)`, `access.Actor`, `scores.magic.do` and `scores.rules.is_lucky`"
    assert unknown_code(text) == ["scores.magic.do", "scores.rules.is_lucky"]


def anchors_of(text: str) -> set[str]:
    """Return what the headings of a page can be linked by."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lost_anchors(text: str, page: Path) -> list[str]:
    """Find links to a heading that is not there; whether the page is there is looked after elsewhere."""
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", text)
    targets = [(page if not name else page.parent / name, anchor) for name, anchor in links]
    known = {path: anchors_of(path.read_text("utf-8")) for path, _ in targets if path.is_file() and path != page}
    known[page] = anchors_of(text)
    return [anchor for path, anchor in targets if path in known and anchor not in known[path]]


def test_links_lead_to_headings_that_exist():
    assert [f"{name_of(p)}: {lost}" for p in documents() if (lost := lost_anchors(p.read_text("utf-8"), p))] == []


def test_a_lost_heading_would_be_found():
    text = "# A b\n[here](#a-b) [gone](#c) [there](SECURITY.md#reporting) [lost](SECURITY.md#nothing)"
    assert lost_anchors(text, ROOT / "page.md") == ["c", "nothing"]


def test_decisions_are_numbered_without_gaps():
    assert [path.name[:5] for path in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]
    assert len(DECISIONS) >= 10


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_whole(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= DECISION_LINES
    assert re.match(rf"# {int(path.name[:4])}\. \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert re.search(r"^\d{4}-\d{2}-\d{2} · (accepted|withdrawn on|replaced by \[)", text, re.MULTILINE)


def glossary() -> dict[str, str]:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|[^|]*\|$", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    return {english: spanish for english, spanish in rows if english not in {"English", "---"} and spanish != "–"}


def test_the_glossary_is_in_order_and_says_each_word_once():
    words = [word.casefold() for word in glossary()]
    assert words == sorted(set(words))
    assert len(words) > 30


def without_gender(spanish: str) -> str:
    """Fold what agrees with a noun: "rechazado" is the word, "rechazadas" is what stands over a list of rows."""
    return re.sub(r"(?:(?<=[a-z]d)|(?<=ch))(?:os?|as?)\b", "o", spanish.casefold())


def test_translations_use_the_glossarys_words():
    with (PACKAGE / "locale" / "es" / "LC_MESSAGES" / "django.po").open("rb") as stream:
        catalog = read_po(stream, locale="es")
    spoken = {m.id.casefold(): str(m.string) for m in catalog if isinstance(m.id, str) and m.id and m.string}
    common = {
        english: (spanish, spoken[english.casefold()])
        for english, spanish in glossary().items()
        if english.casefold() in spoken
    }
    assert len(common) > LEAST_COMMON_WORDS
    assert {english: words for english, words in common.items() if len({*map(without_gender, words)}) > 1} == {}


def test_the_readme_shows_the_report_and_the_two_commands():
    text = (ROOT / "README.md").read_text("utf-8")
    assert "docs/img/clep-report.png" in text
    assert re.search(r"^make demo\b", text, re.MULTILINE)
    assert re.search(r"^make test\b", text, re.MULTILINE)
