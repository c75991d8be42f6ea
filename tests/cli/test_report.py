"""``scoreport report clep``: the same figures and rows as on screen, for scripts."""

import json
import re

import pytest
from django.core.management import CommandError, call_command

from scoreport.organizations.queries import find
from scoreport.reports import actions
from scoreport.reports.rules import Format, RosterQuery
from tests.conftest import shared_dir
from tests.scores.files import accept, check, load, row
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = pytest.mark.django_db

INSTANT = "2026-11-21T12:00-05:00"


def report(capsys, *arguments: str) -> tuple[str, str]:
    """Run the command and return what it printed, and what it said beside it."""
    call_command("report", "clep", *arguments)
    told = capsys.readouterr()
    return told.out, told.err


@pytest.fixture
def tests(world):
    """Two students of Alder High, three scores and one test that waits."""
    essay = {"exam_code": "91", "score": "", "date_scored": ""}
    load(row("T1"), row("T2", exam_code="62", score="49"), row("T3", first_name="Bo"), row("T4", **essay))


SUMMARY = {
    "organization": "470001",
    "academic_year": "2025-2026",
    "test_takers": 2,
    "tests_taken": 3,
    "scores_50_or_higher": 2,
    "percent_50_or_higher": 66.7,
    "waiting": 1,
    "overdue": 1,
    "canceled": 0,
    "year_before": {
        "academic_year": "2024-2025",
        "as_of": None,
        "test_takers": 0,
        "tests_taken": 0,
        "scores_50_or_higher": 0,
        "percent_50_or_higher": None,
    },
}


@pytest.mark.parametrize("organization", ["470001", "ALDER-HIGH"])
def test_the_summary_on_standard_output_is_json_and_nothing_else(tests, capsys, organization):
    told, said = report(
        capsys, "--organization", organization, "--year", "2025-2026", "--at", INSTANT, "--summary-json", "-"
    )
    assert json.loads(told) == SUMMARY
    assert list(json.loads(told)) == list(SUMMARY)
    assert "Alder High School" in said


def test_files_hold_the_summary_and_the_roster(tests, capsys, tmp_path):
    summary, roster = tmp_path / "summary.json", tmp_path / "roster.csv"
    told, said = report(
        capsys, "--organization", "470001", "--year", "2025-2026", "--at", INSTANT,
        "--summary-json", str(summary), "--csv", str(roster),
    )  # fmt: skip
    assert json.loads(summary.read_bytes()) == SUMMARY
    export = actions.export_roster(
        OPERATOR, organization=find("470001"), query=RosterQuery("clep", years=(2025,)), file_format=Format.CSV, at=AT
    )
    assert roster.read_bytes() == b"".join(export.chunks or ())
    assert len(roster.read_bytes().splitlines()) == 5
    assert (told.count("\n"), said) == (1, "")


def test_the_roster_on_standard_output_is_csv_and_nothing_else(tests, capsys):
    told, _said = report(capsys, "--organization", "470001", "--year", "2025-2026", "--at", INSTANT, "--csv", "-")
    header, *lines = told.splitlines()
    assert header.startswith("first_name,last_name,gender,")
    assert [line.rsplit(",", 3)[1:] for line in lines] == [
        ["57", "", ""],
        ["49", "", ""],
        ["", "Score overdue", ""],
        ["57", "", ""],
    ]


def test_the_year_before_a_running_year_counts_until_the_same_date(tests, capsys):
    at = ("--at", "2026-02-03T12:00-05:00")
    load(row("OLD", **taken("2025-02-02")), row("LATER", **taken("2025-02-03")))
    told, _said = report(capsys, "--organization", "470001", "--year", "2025-2026", *at, "--summary-json", "-")
    before = json.loads(told)["year_before"]
    assert (before["as_of"], before["tests_taken"], before["test_takers"]) == ("2025-02-03", 1, 1)
    told, _said = report(capsys, "--organization", "470001", "--year", "2025-2026", *at)
    assert "1 by 2025-02-03" in told
    assert "the year before" not in told


def taken(day: str) -> dict[str, str]:
    return {"date_registered": "2025-01-05", "date_tested": day, "date_scored": day}


def test_without_files_it_prints_a_table(tests, capsys):
    told, _said = report(capsys, "--organization", "470001", "--year", "2025-2026", "--at", INSTANT)
    assert "66.7 %" in told
    assert "College Composition" in told
    assert re.search(r"Scores pending +1.*\n +Of these, overdue +1\n", told)
    assert told.splitlines()[-1] == ("Alder High School, 2025–2026: 3 scores of 2 test takers; scores pending: 1.")


def test_a_year_without_tests_says_so(tests, capsys):
    told, _said = report(capsys, "--organization", "D-ALDER", "--year", "2019-2020", "--at", INSTANT)
    assert "No student of this district took a CLEP exam" in told
    summary, _said = report(
        capsys, "--organization", "D-ALDER", "--year", "2019", "--at", INSTANT, "--summary-json", "-"
    )
    assert json.loads(summary)["percent_50_or_higher"] is None


def test_the_instant_decides_what_is_released(tests, capsys):
    told, _said = report(
        capsys, "--organization", "470001", "--year", "2025", "--at", "2026-02-03T12:00Z", "--summary-json", "-"
    )
    assert (json.loads(told)["tests_taken"], json.loads(told)["waiting"]) == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--organization", "999999", "--year", "2025-2026"], "no organization"),
        (["--organization", "470001", "--year", "2025-2027"], "not an academic year"),
        (["--organization", "470001", "--year", "2025-2026", "--at", "noon"], "not a date and time"),
        (["--organization", "470001", "--year", "2025-2026", "--csv", "-", "--summary-json", "-"], "Only one"),
        (["--organization", "470001", "--year", "2025-2026", "--csv", "/nowhere/roster.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(tests, capsys, arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("report", "clep", *arguments)


@pytest.mark.slow
@pytest.mark.skipif(shared_dir() is None, reason="the sample data lies beside the project only where it is built")
def test_the_samples_say_what_the_issue_promises(db, capsys):
    folder = shared_dir()
    assert folder is not None
    load_organizations((folder / "data/clep/organizations.csv").read_text(encoding="utf-8"))
    for years in ("2024_2025", "2025_2026"):
        accept(check((folder / f"data/clep/clep_{years}.csv").read_bytes()))
    told, _said = report(
        capsys, "--organization", "111007", "--year", "2025-2026", "--at", INSTANT, "--summary-json", "-"
    )
    assert json.loads(told) == {
        "organization": "111007",
        "academic_year": "2025-2026",
        "test_takers": 316,
        "tests_taken": 724,
        "scores_50_or_higher": 454,
        "percent_50_or_higher": 62.7,
        "waiting": 0,
        "overdue": 0,
        "canceled": 0,
        "year_before": {
            "academic_year": "2024-2025",
            "as_of": None,
            "test_takers": 314,
            "tests_taken": 722,
            "scores_50_or_higher": 426,
            "percent_50_or_higher": 59.0,
        },
    }
