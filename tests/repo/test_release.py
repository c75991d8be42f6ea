"""What a release consists of agrees with itself: version, commands, requirements, make targets, documents."""

import ast
import os
import re
from datetime import date
from importlib.metadata import packages_distributions, version

import pytest
from django.core.management import load_command_class

from tests.repo.source import PACKAGE, ROOT, files, imports, name_of, python_files, tree

REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
COMMANDS = sorted((PACKAGE / "cli" / "management" / "commands").glob("[a-z]*.py"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> dict[str, str]:
    return {normal(m[1]): m[2] for m in re.finditer(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE)}


def test_the_version_is_the_changelogs_first_heading():
    heading = re.search(r"^## (\S+) – (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert heading
    assert heading[1] == version("scoreport")
    assert date.fromisoformat(heading[2]) >= date(2026, 11, 21)


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_a_command_says_what_it_does(path):
    command = load_command_class("scoreport.cli", path.stem)
    parser = command.create_parser("scoreport", path.stem)
    assert str(command.help).strip().endswith(".")
    assert [action.dest for action in parser._actions if not action.help] == []


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_a_command_has_its_place_in_the_reference(path):
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert f"\n## {path.stem.replace('_', '-')}\n" in page


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_by_hash_and_name_no_source(path):
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) == len(pinned(text)) > 0
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert [line for line in text.splitlines() if line.startswith("-") or "://" in line or "file:" in line] == []


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_wish_was_resolved(name):
    wishes = re.findall(r"^([A-Za-z0-9._-]+)", (ROOT / f"requirements/{name}.in").read_text("utf-8"), re.MULTILINE)
    wishes = [normal(wish) for wish in wishes if not wish.startswith("-")]
    assert set(wishes) <= set(pinned((ROOT / f"requirements/{name}.txt").read_text("utf-8")))


def test_both_requirements_pin_the_same_versions():
    base, dev = (pinned((ROOT / f"requirements/{name}.txt").read_text("utf-8")) for name in ("base", "dev"))
    assert base.items() <= dev.items()


def test_scoreport_runs_on_what_base_installs():
    """A package that only development pins would be missing in production."""
    installed = packages_distributions()
    base = set(pinned((ROOT / "requirements/base.txt").read_text("utf-8")))
    wanted = {name.split(".")[0] for path in python_files("scoreport") for name in imports(tree(path))}
    known = {name: {normal(d) for d in installed[name]} for name in wanted if name in installed and name != "scoreport"}
    assert known
    assert {name for name, distributions in known.items() if not distributions & base} == set()


def test_every_make_target_has_its_line_of_help():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert targets
    assert [t for t in targets[1].split() if not re.search(rf"^{t}:.* ## \S", text, re.MULTILINE)] == []


def test_what_make_calls_can_be_run():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    scripts = {*re.findall(r"tools/\w+\.sh", text), ".ci/run"}
    assert [name for name in sorted(scripts) if not os.access(ROOT / name, os.X_OK)] == []


def broken_links(text: str, folder) -> list[str]:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    return [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (folder / t).exists()]


def test_documents_link_to_what_exists():
    pages = [path for path in files() if path.suffix == ".md"]
    assert [f"{name_of(p)}: {t}" for p in pages for t in broken_links(p.read_text("utf-8"), p.parent)] == []


def test_a_broken_link_would_be_found():
    assert broken_links("[a](LICENSE) and [b](missing.md#part)", ROOT) == ["missing.md"]


def test_an_import_is_recognized_in_each_of_its_forms():
    assert set(imports(ast.parse("import a.b\nfrom c import d"))) == {"a.b", "c", "c.d"}
