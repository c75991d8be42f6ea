"""A file from its bytes to stored scores: what is taken, what is refused and why, and what the samples say."""

import pytest

from scoreport.organizations.queries import find
from scoreport.scores.models import ClepResult
from scoreport.scores.queries import figures
from tests.conftest import shared_dir
from tests.scores.files import COLUMNS, accept, check, counts, load, refused, row, text
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = pytest.mark.django_db


@pytest.fixture
def alder(world):
    """Alder High of the world."""
    return find("470001")


def test_a_good_row_is_stored_as_it_came(alder):
    file = load(row("T1", first_name="José Ángel", last_name="O’Brien"))
    stored = ClepResult.objects.get()
    assert counts(file) == {"new": 1, "changed": 0, "same": 0, "unmatched": 0, "refused": 0}
    assert (stored.first_name, stored.last_name, stored.score) == ("José Ángel", "O’Brien", 57)
    assert stored.school_id == alder.id
    assert (stored.sort_first, stored.sort_last, stored.year) == ("jose angel", "obrien", 2025)
    assert stored.exam_subject == "Biology"


def test_nothing_is_written_before_somebody_accepts(alder):
    check(text(row("T1")))
    assert not ClepResult.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + text(row("T1")),
        text(row("T1"), end="\r\n"),
        text(row("T1"), columns=tuple(reversed(COLUMNS))),
        text(row("T1")).replace(b"first_name", b" First_Name "),
    ],
    ids=["BOM", "CRLF", "other order", "header in capitals"],
)
def test_a_file_is_read_whatever_wrote_it(alder, content):
    accept(check(content))
    assert ClepResult.objects.get().first_name == "Ana"


def test_extra_columns_are_reported_and_ignored(alder):
    file = check(text({**row("T1"), "shoe_size": "43"}, columns=(*COLUMNS, "shoe_size")))
    assert counts(file)["new"] == 1
    assert "shoe_size" in file.notices[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest of a workbook", "Line 1"),
        ("name,score\nÀ,3\n".encode("latin-1"), "Windows-1252"),
        (text(row("T1")).replace(b"exam_code", b"exam"), "exam_code"),
        (text(row("T1")).replace(b"middle_initial", b"first_name"), "middle_initial"),
        (text(row("T1")) + b'T2,"open quote\n', "Line"),
    ],
    ids=["empty", "workbook", "other encoding", "column missing", "column renamed", "open quote"],
)
def test_a_file_that_is_no_score_file_fails_with_a_sentence(alder, content, words):
    file = check(content)
    assert file.state == "failed"
    assert words in file.reason
    assert not ClepResult.objects.exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("score", "19"),
        ("score", "81"),
        ("score", "50.5"),
        ("score", "fifty"),
        ("score", "-50"),
        ("score", ""),
        ("exam_code", "999"),
        ("exam_code", ""),
        ("date_tested", "2026-02-30"),
        ("date_tested", "02/03/2026"),
        ("date_tested", "2026-11-22"),
        ("date_tested", ""),
        ("date_registered", "2026-02-04"),
        ("date_registered", "soon"),
        ("date_of_birth", "2027-01-01"),
        ("date_of_birth", "1008-04-05"),
        ("date_scored", "2026-02-02"),
        ("date_scored", "2026-11-22"),
        ("registration_ticket_number", ""),
        ("registration_ticket_number", "12 34"),
        ("ai_code", "12345"),
        ("ai_code", "47000A"),
        ("last_name", ""),
        ("last_name", "\u202e"),
        ("last_name", "x" * 501),
        ("gender", "Q"),
        ("ethnicity", "5"),
        ("grade", "3"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_its_place(alder, column, value):
    file = check(text(row("T1"), {**row("T2"), column: value}, row("T3")))
    assert counts(file)["new"] == 2
    [(line, where, what)] = refused(file)
    assert (line, where) == (3, column)
    assert what in {value, f"{value[:60]}…", ""}
    assert file.refused.get().reason.endswith(".")


@pytest.mark.parametrize(
    ("column", "stored", "value"), [("gender", "gender", "U"), ("ethnicity", "ethnicity", 0), ("grade", "grade", 10)]
)
def test_a_code_left_out_counts_as_no_response(alder, column, stored, value):
    load({**row("T1"), column: ""})
    assert getattr(ClepResult.objects.get(), stored) == value


def test_a_row_of_another_width_is_refused(alder):
    file = check(text(row("T1")) + b"T2,Ana\n")
    assert refused(file)[0][0] == 3
    assert "20" in file.refused.get().reason


def test_lines_are_counted_as_an_editor_counts_them(alder):
    first = text(row("T1", test_center_name="Blue\nRidge"))
    file = check(first + text(row("T2", score="81")).split(b"\n", 1)[1])
    assert refused(file) == [(4, "score", "81")]


def test_two_rows_with_one_ticket_are_both_refused(alder):
    file = check(text(row("T1"), row("T2"), row("T1", first_name="Bo")))
    assert [entry[:2] for entry in refused(file)] == [(2, COLUMNS[0]), (4, COLUMNS[0])]
    assert "line 4" in file.refused.order_by("line")[0].reason


def test_a_ticket_that_also_stands_on_a_refused_row_is_refused(alder):
    file = check(text(row("T1", score="81"), row("T1")))
    assert [entry[:2] for entry in refused(file)] == [(2, "score"), (3, COLUMNS[0])]


def test_an_essay_without_a_score_waits(alder):
    load(row("T1", exam_code="91", exam_subject="College Composition", score="", date_scored=""))
    stored = ClepResult.objects.get()
    assert (stored.score, stored.released_at) == (None, None)


def test_a_scored_essay_without_its_day_is_refused(alder):
    file = check(text(row("T1", exam_code="91", date_scored="")))
    assert refused(file) == [(2, "date_scored", "")]


@pytest.mark.parametrize("code", ["", "000003", "000004", "999999"])
def test_a_row_without_a_known_school_is_kept_and_told(alder, code):
    file = load(row("T1", ai_code=code))
    assert counts(file)["unmatched"] == 1
    assert ClepResult.objects.get().school_id is None


def test_controls_and_directions_are_stripped_and_formulas_stay_names(alder):
    load(row("T1", first_name='=HYPERLINK("http://x")', last_name="Do\u202ee\x07"))
    stored = ClepResult.objects.get()
    assert (stored.first_name, stored.last_name) == ('=HYPERLINK("http://x")', "Doe")
    assert stored.is_hostile


def test_the_same_file_again_changes_nothing(alder):
    load(row("T1"), row("T2", first_name="Bo"))
    again = load(row("T1"), row("T2", first_name="Bo"))
    assert counts(again) == {"new": 0, "changed": 0, "same": 2, "unmatched": 0, "refused": 0}
    assert ClepResult.objects.count() == 2


def test_a_corrected_row_supersedes_and_keeps_the_history(alder):
    load(row("T1", score="40"))
    file = load(row("T1", score="60"))
    assert counts(file)["changed"] == 1
    assert list(ClepResult.objects.order_by("id").values_list("score", "is_current")) == [(40, False), (60, True)]


def test_a_correction_may_return_to_an_older_wording(alder):
    for score in ("40", "60", "40"):
        load(row("T1", score=score))
    assert list(ClepResult.objects.order_by("id").values_list("score", "is_current")) == [(40, True), (60, False)]


def test_an_organization_that_is_loaded_later_finds_its_scores(alder):
    load(row("T1", ai_code="470555"), row("T2", first_name="Bo"))
    loaded = load_organizations(
        "kind,organization_id,name,parent_id,ai_code,city,state,zip\nschool,NEW,New,D-ALDER,470555,A,WV,25310\n"
    )
    assert loaded.notices == ("Scores that belong to another school, district or state now: 1.",)
    assert ClepResult.objects.get(ticket="T1").school_id == find("470555").id
    assert figures(OPERATOR, find("D-ALDER").place, AT, program="clep", years=[2025])[2025].tests == 2


@pytest.fixture
def samples(db):
    """Load the sample organizations; return the folder of sample files beside the project, if it is there."""
    folder = shared_dir()
    if folder is None:
        return None
    load_organizations((folder / "data/clep/organizations.csv").read_text("utf-8"))
    return folder / "data/clep"


def test_the_samples_say_what_is_known_of_them(samples):
    if samples is None:
        return
    file = check((samples / "clep_2025_2026.csv").read_bytes())
    assert counts(file) == {"new": 6000, "changed": 0, "same": 0, "unmatched": 133, "refused": 0}
    accept(file)
    found = figures(OPERATOR, find("111007").place, AT, program="clep", years=[2025])[2025]
    assert (found.takers, found.tests, found.at_cut, found.percent_at_cut) == (316, 724, 454, 62.7)
    bad = check((samples / "clep_bad.csv").read_bytes())
    assert [entry[:2] for entry in refused(bad)] == [
        (2, "score"),
        (3, "score"),
        (4, "exam_code"),
        (5, "date_tested"),
        (6, "date_registered"),
        (7, "registration_ticket_number"),
        (8, "date_of_birth"),
        (9, "ai_code"),
        (10, "last_name"),
        (11, "registration_ticket_number"),
        (12, "registration_ticket_number"),
        (13, "score"),
        (15, "gender"),
    ]
    assert counts(bad) == {"new": 0, "changed": 1, "same": 6, "unmatched": 0, "refused": 13}
    assert counts(check((samples / "clep_2025_corrections.csv").read_bytes()))["changed"] == 12
