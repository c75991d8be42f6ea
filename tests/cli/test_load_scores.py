"""``scoreport load-scores`` and ``scoreport undo-file``: what they print, what they store, and how they end."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from scoreport.imports.models import ImportFile
from scoreport.scores.models import ClepResult
from tests.scores.files import row, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a score file and returns its path."""

    def write(*rows, name: str = "scores.csv", content: bytes | None = None) -> str:
        path = tmp_path / name
        path.write_bytes(text(*rows) if content is None else content)
        return str(path)

    return write


def run(*arguments: str):
    """Load files as the operator does."""
    call_command("load_scores", "--program", "clep", *arguments)


def test_nothing_is_stored_unless_one_says_so(file, capsys):
    run(file(row("T1")))
    assert not ClepResult.objects.exists()
    said = capsys.readouterr().out
    assert "scores.csv: 1 new, 0 changed, 0 the same, 0 unmatched, 0 refused; checked as file" in said
    assert "Nothing was stored; --accept stores it." in said


def test_accepting_stores_the_good_rows_and_tells_the_refused_ones(file, capsys):
    run(file(row("T1"), row("T2", score="99"), row("T3", ai_code="")), "--accept")
    assert sorted(ClepResult.objects.values_list("ticket", flat=True)) == ["T1", "T3"]
    said = capsys.readouterr()
    assert "2 new, 0 changed, 0 the same, 1 unmatched, 1 refused; accepted as file" in said.out
    assert (
        'line 3, score: "99": A CLEP score is a whole number from 20 to 80. For a canceled score, write CANCELED.'
        in said.err
    )
    assert "1 file was accepted, 1 row was refused." in said.out


def test_the_same_file_again_says_that_nothing_changes(file, capsys):
    path = file(row("T1"))
    run(path, "--accept")
    run(path, "--accept")
    assert "Nothing changes" in capsys.readouterr().out
    assert ClepResult.objects.count() == 1


def test_a_later_file_sees_what_an_earlier_one_stored(file, capsys):
    run(file(row("T1"), name="a.csv"), file(row("T1", score="60"), name="b.csv"), "--accept")
    assert "b.csv: 0 new, 1 changed" in capsys.readouterr().out


def test_rows_that_could_make_things_worse_are_held_unless_one_says_so(file, capsys):
    run(file(row("T1", score="49")), file(row("T1", score="51"), name="later.csv"), "--accept")
    late = file(row("T1", score="49"), row("T9", score="51"), name="late.csv")
    run(late, "--accept")
    said = capsys.readouterr().err
    assert "1 row returns to values which a later file replaced (--accept-reverting stores it)." in said
    assert "1 test is on file under another ticket (--accept-doubles stores it)." in said
    assert 'line 2, registration_ticket_number: "T1": This row was held: it returns to values' in said
    assert [(test.ticket, test.score) for test in ClepResult.objects.filter(is_current=True)] == [("T1", 51)]
    run(late, "--accept", "--accept-reverting", "--accept-doubles")
    said = capsys.readouterr().err
    assert "1 row returned to values which a later file replaced, and was stored." in said
    assert "1 test was on file under another ticket, and was stored." in said
    assert "These are the same bytes as file" in said
    current = ClepResult.objects.filter(is_current=True).order_by("ticket")
    assert [(test.ticket, test.score) for test in current] == [("T1", 49), ("T9", 51)]


def test_one_json_document_tells_it_all(file, capsys):
    bad = file(row("T2", score="99", gender="Q"), row("T3", exam_code="20"), name="bad.csv")
    run(file(row("T1")), bad, "--accept", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["program"] == "clep"
    good, other = told["files"]
    assert good == {
        "file": "scores.csv",
        "id": ImportFile.objects.earliest("pk").pk,
        "state": "accepted",
        "rows": 1,
        "new": 1,
        "changed": 0,
        "same": 0,
        "unmatched": 0,
        "reverting": 0,
        "doubled": 0,
        "canceled": 0,
        "asked": 0,
        "skipped": 0,
        "refused": [],
        "held": [],
        "causes": [],
        "repairs": [],
        "notices": [],
        "error": None,
    }
    assert (other["rows"], other["new"]) == (2, 1)
    assert [(one["line"], one["column"], one["value"]) for one in other["refused"]] == [
        (2, "gender", "Q"),
        (2, "score", "99"),
    ]
    assert set(other["refused"][0]) == {"line", "column", "value", "reason"}


def test_a_file_that_cannot_be_read_ends_with_1_and_does_not_stop_the_others(file, capsys):
    nonsense = file(name="nonsense.csv", content=b"a,b\n1,2\n")
    with pytest.raises(CommandError, match=r"1 file was not taken\. 1 file was accepted\."):
        run(nonsense, file(row("T1")), "--accept")
    assert ClepResult.objects.count() == 1
    assert "nonsense.csv: Line 1: These columns are missing" in capsys.readouterr().err


def test_json_tells_of_a_file_that_cannot_be_read(file, capsys):
    with pytest.raises(CommandError, match=r"1 file was not taken\."):
        run(file(name="nonsense.csv", content=b"PK\x03\x04"), "--accept", "--json")
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (told["state"], told["new"], told["refused"]) == ("failed", 0, [])
    assert "workbook" in told["error"]


def test_a_file_above_the_limit_is_not_taken(file, settings, capsys):
    settings.MAX_UPLOAD_BYTES = 1_000
    with pytest.raises(CommandError, match=r"1 file was not taken\."):
        run(file(*(row(f"T{n}") for n in range(50))), "--json")
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (told["id"], told["state"]) == (None, None)
    assert "larger than" in told["error"]


def test_all_refused_rows_are_written_where_one_says(file, tmp_path, capsys):
    rows = [row(f"T{n}", score="=1+1") for n in range(60)]
    target = tmp_path / "refused.csv"
    run(file(*rows, row("GOOD")), "--refused-csv", str(target))
    with target.open(encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream)
    assert header == ["file", "line", "column", "value", "reason"]
    assert len(lines) == 60
    assert lines[0][:4] == ["scores.csv", "2", "score", "'=1+1"]
    said = capsys.readouterr().err
    assert f"All refused rows are in {target}." in said
    assert said.count("line ") == 20


def test_a_list_that_cannot_be_written_is_told_before_anything_is_done(file, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run(file(row("T1")), "--accept", "--refused-csv", str(tmp_path / "no" / "folder.csv"))
    assert not ImportFile.objects.exists()


@pytest.mark.parametrize(
    "arguments", [["--program", "chess", "x.csv"], ["--program", "clep", "missing.csv"], ["x.csv"]]
)
def test_wrong_usage_is_told(arguments):
    with pytest.raises(CommandError):
        call_command("load_scores", *arguments)


def test_a_file_is_taken_back(file, capsys):
    run(file(row("T1", score="40"), row("T2"), name="a.csv"), "--accept")
    run(file(row("T1", score="50"), row("T3", exam_code="20"), name="b.csv"), "--accept")
    number = ImportFile.objects.get(name="b.csv").pk
    call_command("undo_file", str(number))
    said = capsys.readouterr().out
    assert f"File {number} (b.csv) was undone. Tests: 1 removed, 1 returned to earlier values, 0 unchanged." in said
    assert dict(ClepResult.objects.values_list("ticket", "score")) == {"T1": 40, "T2": 57}


def test_only_an_accepted_file_can_be_taken_back(file):
    run(file(row("T1")))
    with pytest.raises(CommandError, match="in the state “checked” now"):
        call_command("undo_file", str(ImportFile.objects.get().pk))
    with pytest.raises(CommandError, match=r"There is no file with the number 99\."):
        call_command("undo_file", "99")


US_DATES = {"date_of_birth": "3/4/2008", "date_registered": "1/5/2026", "date_tested": "2/3/2026"}


def test_dates_in_us_form_are_one_sentence_and_read_once_the_repair_is_chosen(file, capsys):
    rows = [row(f"T{n}", **US_DATES, date_scored=f"2/{n + 3}/2026") for n in range(20)]
    with pytest.raises(CommandError, match="1 file was not taken"):
        run(file(*rows), "--accept")
    said = capsys.readouterr()
    assert said.err.count("These dates are in US form. Read them as month/day/year?") == 1
    assert "20 rows, lines 2, 3, 4, 5, 6, …, date_of_birth" in said.err
    assert "Nothing changes" not in said.out
    run(file(*rows), "--accept", "--repair", "us-dates", "--json")
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (told["new"], told["skipped"], told["refused"]) == (20, 0, [])
    assert {"kind": "us-dates", "column": "date_tested", "rows": 20, "applied": True} in told["repairs"]
    assert str(ClepResult.objects.get(ticket="T19").scored_on) == "2026-02-22"


def test_a_repair_is_not_made_where_it_is_not_certain(file, capsys):
    """The day of no date is above 12, so each could be the month as well."""
    with pytest.raises(CommandError):
        run(file(row("T1", **US_DATES)), "--accept", "--repair", "us-dates")
    assert "isn't certain how to read it in this file" in capsys.readouterr().err
    assert not ClepResult.objects.exists()


def test_a_file_whose_rows_are_all_refused_ends_with_1_and_never_as_on_file_already(file, capsys):
    with pytest.raises(CommandError, match="1 file was not taken"):
        run(file(row("T1", score="99")))
    said = capsys.readouterr()
    assert "Every row of this file was refused." in said.err
    assert "Nothing changes" not in said.out
