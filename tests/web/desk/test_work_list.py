"""The work list: files by what is to be done with them, newest first, and what waits."""

import datetime as dt

import pytest

from tests.scores.files import accept, check, load, row, text, undo
from tests.web.desk.pages import plain, table
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


def test_an_empty_desk_says_what_will_be_there(pat):
    assert "Files that you upload appear here." in plain(pat.get("/desk/"))


def test_files_stand_with_their_state_and_counts_newest_first(pat):
    accept(check(text(row("T1"), row("T2")), name="old.csv", at=AT - dt.timedelta(days=2)))
    check(text(row("T1", score="60"), row("T3", score="99")), name="new.csv")
    lines = table(pat.get("/desk/"))
    assert [line[0] for line in lines] == ["new.csv", "old.csv"]
    assert [line[1] for line in lines] == ["To accept", "Accepted"]
    assert [line[3:] for line in lines] == [["0", "1", "0", "0", "1"], ["2", "0", "0", "0", "0"]]


def test_a_file_that_cannot_be_read_has_no_counts(pat):
    check(b"nonsense")
    assert table(pat.get("/desk/"))[0][1:2] + table(pat.get("/desk/"))[0][3:] == ["Cannot be read", *["–"] * 5]


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("", {"checked.csv", "failed.csv", "scores.csv", "back.csv"}),
        ("decide", {"checked.csv", "failed.csv"}),
        ("accepted", {"scores.csv"}),
        ("aside", {"back.csv"}),
        ("nonsense", {"checked.csv", "failed.csv", "scores.csv", "back.csv"}),
    ],
)
def test_files_can_be_chosen_by_what_is_to_be_done(pat, show, names):
    undo(accept(check(text(row("T9")), name="back.csv")))
    load(row("T1"))
    check(text(row("T2")), name="checked.csv")
    check(b"nonsense", name="failed.csv")
    assert {line[0] for line in table(pat.get(f"/desk/?show={show}"))} == names


def test_nothing_in_a_state_is_said(pat):
    load(row("T1"))
    assert "No file is in this state now." in plain(pat.get("/desk/?show=working"))


def test_htmx_gets_the_list_alone(pat):
    load(row("T1"))
    part = pat.get("/desk/", headers={"HX-Request": "true", "HX-Target": "files"})
    assert part.content.decode().lstrip().startswith('<div id="files">')


@pytest.mark.parametrize("page", ["2", "99", "0", "-1", "x", "9" * 40])
def test_pages_of_the_list(pat, page):
    for number in range(26):
        check(b"nonsense", name=f"{number:02}.csv")
    lines = table(pat.get(f"/desk/?page={page}"))
    assert len(lines) == (1 if page in {"2", "99"} else 25)


def test_what_waits_is_counted(pat):
    load(
        row("T1", date_tested="2026-11-20", date_scored="2026-11-20"),
        row("T2", exam_code="91", score="", date_scored="", date_tested="2026-11-10"),
        row("T3", exam_code="91", score="", date_scored="", date_tested="2026-10-01"),
        row("T4"),
    )
    said = plain(pat.get("/desk/"))
    assert "Scores waiting for their release 1 The next ones on Nov 23, 2026" in said
    assert "Essays with their readers 2" in said
    assert "Overdue essays 1" in said
