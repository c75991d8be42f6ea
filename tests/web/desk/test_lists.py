"""The lists of a file: what is new, changed, the same, unmatched and refused, on the screen and as CSV."""

import pytest

from scoreport.audit.queries import events_of
from scoreport.lib.tabular import is_hostile
from scoreport.scores.files import lists
from tests.scores.files import COLUMNS, accept, check, load, row, text, undo
from tests.web.desk.pages import csv_of, plain, rows_of, table, whole_list

pytestmark = pytest.mark.django_db

NAME = '=HYPERLINK("http://x")'


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


@pytest.fixture
def checked(world):
    """Return a file of pat's with rows of every kind, before anybody accepted it."""
    load(row("T1", score="40"), row("T2"), row("T3", ai_code="000905", first_name="Bo"))
    return check(
        text(
            row("T1", score="60", last_name="López"),
            row("T2"),
            row("T4", first_name=NAME),
            row("T5", ai_code="", first_name="Cy"),
            row("T6", ai_code="000003", first_name="Di"),
            row("T7", ai_code="999999", first_name="Ed"),
            row("T8", ai_code="470001", first_name="Bo"),
            row("T9", score="99", gender="Q"),
        ),
        by=world.actor("pat"),
    )


@pytest.mark.parametrize("accepted", [False, True], ids=["to accept", "accepted"])
class TestBeforeAndAfterAcceptance:
    """The lists of what needs a look say the same of a file while it waits and once it is accepted."""

    @pytest.fixture
    def file(self, checked, accepted):
        return accept(checked) if accepted else checked

    def shown(self, pat, file, kind):
        return [(line[0], line[1]) for line in table(pat.get(f"/desk/files/{file.pk}/{kind}/"))]

    def test_new_and_same_rows_are_shown_until_the_file_is_accepted(self, pat, file, accepted):
        if accepted:
            for kind in ("new", "same"):
                said = plain(pat.get(f"/desk/files/{file.pk}/{kind}/"))
                assert "This file is accepted, so its new and unchanged rows aren't shown." in said
        else:
            assert self.shown(pat, file, "new") == [("4", "T4"), ("5", "T5"), ("6", "T6"), ("7", "T7"), ("8", "T8")]
            assert self.shown(pat, file, "same") == [("3", "T2")]

    def test_changed_rows_with_what_was_before(self, pat, file):
        (line,) = table(pat.get(f"/desk/files/{file.pk}/changed/"))
        assert line[:3] == ["2", "T1", "last_name : Lopez → López score : 40 → 60"]

    def test_unmatched_rows_with_their_reasons(self, pat, file):
        lines = table(pat.get(f"/desk/files/{file.pk}/unmatched/"))
        assert [(line[1], line[2]) for line in lines] == [
            ("T5", "No AI code: the row names no school."),
            ("T6", "This AI code means “no high school code”."),
            ("T7", "No school here has this AI code."),
            ("T8", "Same name and birth date at another school. Did the student move, or are they two?"),
        ]

    def test_refused_rows_with_line_column_value_and_reason(self, pat, file):
        lines = table(pat.get(f"/desk/files/{file.pk}/refused/"))
        assert [line[:3] for line in lines] == [["9", "gender", "Q"], ["9", "score", "99"]]
        assert lines[1][3] == "A CLEP score is a whole number from 20 to 80. For a canceled score, write CANCELED."

    def test_the_counts_are_those_of_the_lists(self, pat, file):
        said = {line[0]: line[1] for line in table(pat.get(f"/desk/files/{file.pk}/"))}
        assert said == {"New": "5", "Changed": "1", "The same": "1", "Unmatched": "4", "Refused": "1"}

    def test_each_list_can_be_taken_out_with_a_second_person(self, pat, file):
        header, *rows = whole_list(pat, file.pk, "new")
        assert header == ["line", *COLUMNS]
        assert [line[:3] for line in rows[:2]] == [["4", "T4", f"'{NAME}"], ["5", "T5", "Cy"]]
        header, *rows = whole_list(pat, file.pk, "changed")
        assert header == ["line", "registration_ticket_number", "column", "before", "after"]
        assert rows == [["2", "T1", "last_name", "Lopez", "López"], ["2", "T1", "score", "40", "60"]]
        header, *rows = whole_list(pat, file.pk, "refused")
        assert header == ["line", "column", "value", "reason"]
        assert [line[:3] for line in rows] == [["9", "gender", "Q"], ["9", "score", "99"]]
        assert whole_list(pat, file.pk, "unmatched")[1][-1] == "No AI code: the row names no school."
        assert len(whole_list(pat, file.pk, "same")) == 2

    def test_the_sender_gets_the_reasons_without_the_values(self, pat, file):
        header, *rows = csv_of(pat.get(f"/desk/files/{file.pk}/reasons.csv"))
        assert header == ["line", "column", "reason"]
        assert rows[1] == [
            "9",
            "score",
            "A CLEP score is a whole number from 20 to 80. For a canceled score, write CANCELED.",
        ]


def test_what_is_taken_out_can_be_loaded_again(pat, world):
    """The list of new rows is itself a file of the layout; the line is an extra column."""
    file = check(rows_of(5), by=world.actor("pat"))
    lines = whole_list(pat, file.pk, "new")
    accept(file)
    again = check("\n".join(",".join(line) for line in lines).encode())
    assert (again.rows_same, again.rows_refused) == (5, 0)


def test_no_cell_of_a_list_is_run_by_a_spreadsheet(pat, world):
    cells = {"first_name": "@SUM(1)", "last_name": "-2+3", "test_center_name": "\uff1dcmd", "test_center_city": "+1"}
    file = check(text(row("T1", **cells), row("T2", exam_code="=1", **cells)), by=world.actor("pat"))
    for kind in ("new", "refused"):
        lines = whole_list(pat, file.pk, kind)
        assert len(lines) > 1
        assert not [cell for line in lines for cell in line if is_hostile(cell)]


def test_a_page_has_fifty_rows_and_new_ones_are_a_sample(pat, world):
    load(*(row(f"T{n:04}", score="40", last_name=f"Lopez {n:04}") for n in range(120)))
    file = check(rows_of(170), by=world.actor("pat"))
    assert [line[0] for line in table(pat.get(f"/desk/files/{file.pk}/changed/?page=3"))] == [
        str(n) for n in range(102, 122)
    ]
    page = pat.get(f"/desk/files/{file.pk}/new/?page=3")
    assert [line[0] for line in table(page)] == [str(n) for n in range(122, 142)]
    assert "These are the first 20 of 50 rows." in plain(page)
    assert len(whole_list(pat, file.pk, "new")) == 51


def test_a_long_list_comes_in_batches(pat, world, monkeypatch):
    monkeypatch.setattr(lists, "_BATCH", 20)
    file = check(rows_of(45), by=world.actor("pat"))
    lines = whole_list(pat, file.pk, "new")
    assert [line[0] for line in lines[1:]] == [str(n) for n in range(2, 47)]
    accept(file)
    assert whole_list(pat, file.pk, "new") == lines


def test_the_rows_of_a_file_that_was_taken_back_are_gone_and_that_is_said(pat, checked):
    undo(accept(checked))
    assert "These rows are not listed" in plain(pat.get(f"/desk/files/{checked.pk}/new/"))
    assert pat.get(f"/desk/files/{checked.pk}/new/whole/").status_code == 404
    assert len(table(pat.get(f"/desk/files/{checked.pk}/refused/"))) == 2


def test_what_was_before_is_what_the_file_before_said(pat, world):
    """Also when later files followed and the one in between was undone."""
    load(row("T1", score="40"))
    middle = load(row("T1", score="50"))
    last = load(row("T1", score="60"), by=world.actor("pat"))
    load(row("T1", score="40"))
    assert table(pat.get(f"/desk/files/{last.pk}/changed/"))[0][2] == "score : 50 → 60"
    undo(middle)
    assert table(pat.get(f"/desk/files/{last.pk}/changed/"))[0][2] == "score : 40 → 60"


def test_a_list_that_does_not_exist_is_not_there(pat, checked):
    for path in ("nonsense/", "nonsense/whole/", "nonsense.csv", "new.csv"):
        assert pat.get(f"/desk/files/{checked.pk}/{path}").status_code == 404


def test_who_looks_at_rows_or_takes_them_out_is_recorded(pat, checked):
    pat.get(f"/desk/files/{checked.pk}/new/")
    whole_list(pat, checked.pk, "changed")
    events = [(e.facts.verb, e.facts.detail) for e in events_of(subject_kind="score-file", subject=str(checked.pk))]
    assert events[:2] == [
        ("scores:file:rows-exported", {"rows": "changed", "shown": 1}),
        ("scores:file:rows-viewed", {"rows": "new", "shown": 5, "lines": [4, 5, 6, 7, 8]}),
    ]


def test_htmx_gets_the_list_alone(pat, checked):
    part = pat.get(f"/desk/files/{checked.pk}/new/", headers={"HX-Request": "true", "HX-Target": "list"})
    assert part.content.decode().lstrip().startswith('<div id="list">')
