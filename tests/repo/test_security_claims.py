"""Every promise of docs/security.md names tests that hold it, and those tests exist."""

import ast
import re

from tests.battery.__main__ import BATTERIES
from tests.repo.source import ROOT, tree

PAGE = ROOT / "docs" / "security.md"
THREATS = ROOT / "docs" / "threat-model.md"
LEAST_CLAIMS = 30
LEAST_THREATS = 15
BATTERY = "## The whole battery, run by command"


def promises(text: str) -> str:
    """Return the page without the section of the battery, whose table says what was run."""
    before, _heading, section = text.partition(BATTERY)
    return before + "".join(section.partition("\n## ")[1:])


def claims_of(text: str) -> list[tuple[str, list[str]]]:
    """Read the tables: a promise in the first column, its tests in the second."""
    rows = re.findall(r"^\| (.+?) \| (.*?) ?\|$", text, re.MULTILINE)
    return [(claim, re.findall(r"`([^`]+)`", tests)) for claim, tests in rows if claim not in {"promise", "---"}]


def is_test(name: str) -> bool:
    """Tell whether ``tests/a/test_b.py::test_c`` is there, as a function that asserts something."""
    file, _, function = name.partition("::")
    path = ROOT / file
    if not file.startswith("tests/") or not function.startswith("test_") or not path.is_file():
        return False
    return any(isinstance(n, ast.FunctionDef) and n.name == function for n in ast.walk(tree(path)))


def unproved(text: str) -> list[str]:
    """Name the promises without a test, and the tests that do not exist."""
    found = []
    for claim, tests in claims_of(text):
        found += [f"{claim} – no test"] if not tests else [f"{claim} – {test}" for test in tests if not is_test(test)]
    return found


def test_every_claim_names_tests_that_exist():
    text = promises(PAGE.read_text("utf-8"))
    assert len(claims_of(text)) >= LEAST_CLAIMS
    assert unproved(text) == []


def test_every_row_of_the_page_is_read():
    rows = [line for line in promises(PAGE.read_text("utf-8")).splitlines() if line.startswith("| ")]
    heads = [line for line in rows if line.startswith(("| promise |", "| --- |"))]
    assert len(claims_of("\n".join(rows))) == len(rows) - len(heads)


def test_a_claim_without_a_test_would_be_found():
    here = "tests/repo/test_security_claims.py"
    page = f"| promise | test |\n| --- | --- |\n| Kept. | `{here}::test_every_row_of_the_page_is_read` |\n"
    assert unproved(page) == []
    assert unproved(page + "| Broken. | |\n") == ["Broken. – no test"]
    assert unproved(page + f"| Gone. | `{here}::test_nothing` |\n") == [f"Gone. – {here}::test_nothing"]
    assert unproved(page + f"| Helper. | `{here}::is_test` |\n") == [f"Helper. – {here}::is_test"]


# --- The battery ----------------------------------------------------------------------------------------------


def runs_of(text: str) -> list[tuple[str, str, str]]:
    """Read the table of the battery: the part that a command names, the result, and the day."""
    section = text.partition(BATTERY)[2].partition("\n## ")[0]
    rows = re.findall(r"^\| .+? \| `(.+?)` \| .+? \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    return [(command.partition("tests.battery ")[2].partition(" ")[0], result, day) for command, result, day in rows]


def test_every_run_of_the_battery_names_a_part_that_exists():
    runs = runs_of(PAGE.read_text("utf-8"))
    assert runs
    assert {part for part, _result, _day in runs} <= set(BATTERIES)
    assert [day for _part, _result, day in runs if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)] == []


def test_a_row_of_the_battery_is_read_and_no_promise():
    row = "| Races | `python -m tests.battery races --rounds 2` | 2 × 2 | 0 deviations | 2026-11-29 |\n"
    page = f"| Kept. | `a` |\n\n{BATTERY}\n\n{row}\n## More\n| Kept too. | `b` |\n"
    assert runs_of(page) == [("races", "0 deviations", "2026-11-29")]
    assert [claim for claim, _tests in claims_of(promises(page))] == ["Kept.", "Kept too."]


def test_the_short_list_has_its_promises_on_the_long_one():
    """SECURITY.md makes a promise for each section of the page that proves it."""
    short = (ROOT / "SECURITY.md").read_text("utf-8")
    promised = re.findall(r"^- .+?\(\[(.+?)\]\(docs/security\.md#(.+?)\)\)", short, re.MULTILINE | re.DOTALL)
    sections = re.findall(r"^## (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", section.lower()).replace(" ", "-") for section in sections}
    assert promised
    assert {anchor for _, anchor in promised} <= anchors


# --- The threat model -----------------------------------------------------------------------------------------


def threats_of(text: str) -> list[tuple[str, list[str]]]:
    """Read the table: who, what they want and what stops them, and the tests in the last column."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.*?) ?\|$", text, re.MULTILINE)
    return [(who, re.findall(r"`([^`]+)`", tests)) for who, _want, _stop, tests in rows if who not in {"who", "---"}]


def unshown(text: str) -> list[str]:
    """Name the threats without a test, and the tests that do not exist."""
    return [
        f"{who} – {test or 'no test'}" for who, tests in threats_of(text) for test in tests or [""] if not is_test(test)
    ]


def test_every_threat_names_tests_that_exist():
    text = THREATS.read_text("utf-8")
    assert len(threats_of(text)) >= LEAST_THREATS
    assert len(threats_of(text)) == sum(line.startswith("| ") for line in text.splitlines()) - 2
    assert unshown(text) == []


def test_a_threat_without_a_test_would_be_found():
    head = "| who | what they want | what stops them | shown by |\n| --- | --- | --- | --- |\n"
    here = "tests/repo/test_security_claims.py"
    good = head + f"| A | b | c | `{here}::test_every_row_of_the_page_is_read` |\n"
    assert unshown(good) == []
    assert unshown(good + "| B | b | c | |\n") == ["B – no test"]
    assert unshown(good + f"| C | b | c | `{here}::test_nothing` |\n") == [f"C – {here}::test_nothing"]


def test_every_test_of_a_threat_is_one_of_a_promise():
    """A threat is stopped by what is promised, and by nothing else."""
    promised = {test for _claim, tests in claims_of(PAGE.read_text("utf-8")) for test in tests}
    assert {test for _who, tests in threats_of(THREATS.read_text("utf-8")) for test in tests} <= promised
