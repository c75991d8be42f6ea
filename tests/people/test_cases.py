"""Twins, corrections, missing schools and spellings: joined, asked about, or apart, as a person would expect."""

import pytest

from scoreport.people.queries import present_cases
from scoreport.people.rules import Reason
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import load, row
from tests.scores.verified import verified
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def whose() -> dict[str, int]:
    """Return the student of each ticket."""
    return dict(ClepResult.objects.filter(is_current=True).values_list("ticket", "student_id"))


def are_one(one: str, other: str) -> bool:
    """Say whether two tickets are one student's."""
    found = whose()
    return found[one] == found[other]


def asked() -> list[str]:
    """Return the reasons of the open questions."""
    return sorted(present_cases().filter(state="open").values_list("reason", flat=True))


def assert_sound() -> None:
    assert {one.name: one.deviations for one in verified() if one.deviations} == {}


@pytest.mark.parametrize("together", [True, False], ids=["one file", "two files"])
@pytest.mark.parametrize(
    ("mine", "theirs", "reason"),
    [
        ({"middle_initial": "I"}, {"middle_initial": "J"}, Reason.MIDDLE_INITIAL),
        ({"gender": "M"}, {"gender": "F"}, Reason.GENDER),
        ({"last_name": "Hargrove"}, {"last_name": "Hargrove Jr."}, Reason.SUFFIX),
        ({"last_name": "Ibáñez Rojas"}, {"last_name": "Ibanez"}, Reason.SURNAME_PART),
        (
            {"first_name": "Mateo Cuervo", "last_name": "Rangel"},
            {"first_name": "Mateo", "last_name": "Cuervo Rangel"},
            Reason.WORDS_MOVED,
        ),
        (
            {"first_name": "Minh Anh", "last_name": "Nguyen"},
            {"first_name": "Nguyen", "last_name": "Minh Anh"},
            Reason.SWAPPED,
        ),
        ({"last_name": "Grünwald"}, {"last_name": "Gruenwald"}, Reason.SPELLING),
        ({"first_name": "Rebeca"}, {"first_name": "Rebecca"}, Reason.ONE_LETTER),
    ],
)
def test_what_may_be_one_student_is_a_question(mine, theirs, reason, together):
    rows = [row("T1", **mine), row("T2", **theirs)]
    for some in [rows] if together else [[one] for one in rows]:
        load(*some)
    assert not are_one("T1", "T2")
    assert asked() == [reason]
    assert_sound()


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"last_name": "O'Malley"}, {"last_name": "O Malley"}),
        # The okina as it is written, and as it is typed.
        (
            {"first_name": "Ke\u02bbala", "last_name": "Ka\u02bbanapali"},
            {"first_name": "Ke`ala", "last_name": "Ka'anapali"},
        ),
        ({"last_name": "de la Cruz"}, {"last_name": "Delacruz"}),
        ({"middle_initial": "M"}, {"middle_initial": ""}),
        ({"gender": "F"}, {"gender": "U"}),
    ],
)
def test_what_is_one_name_is_one_student(mine, theirs):
    load(row("T1", **mine), row("T2", **theirs))
    assert are_one("T1", "T2")
    assert asked() == []
    assert_sound()


def test_a_record_that_fits_both_twins_joins_neither():
    load(row("T1", middle_initial="I"), row("T2", middle_initial=""))
    assert are_one("T1", "T2")
    load(row("T3", middle_initial="J"))
    assert len(set(whose().values())) == 3
    assert asked() == [Reason.FITS_SEVERAL, Reason.FITS_SEVERAL, Reason.MIDDLE_INITIAL]
    assert_sound()


def test_a_ticket_that_is_corrected_to_the_other_twin_joins_nobody():
    load(row("T1", first_name="Emma"), row("T2", first_name="Emma"))
    load(row("T2", first_name="Olive"))
    load(row("T3", first_name="Olive"))
    assert not are_one("T1", "T2")
    assert are_one("T2", "T3")
    assert asked() == [Reason.TICKET_OTHER_PERSON]
    assert_sound()


def test_rows_that_name_no_school_are_never_one_student_by_themselves():
    rows = [("T1", "000003", "F"), ("T2", "000003", "M"), ("T3", "470555", "F"), ("T4", "220777", "F"), ("T5", "", "F")]
    load(*(row(ticket, ai_code=code, gender=gender) for ticket, code, gender in rows))
    assert len(set(whose().values())) == 5
    assert set(asked()) == {Reason.NO_SCHOOL}
    assert_sound()


def test_an_answer_about_two_students_answers_every_question_about_them():
    """Each of them is spelled in two ways, so that four pairs were asked about."""
    load(row("T1", gender="F"), row("T2", gender="U"))
    load(row("T3", gender="F", ai_code="000905"), row("T4", gender="U", ai_code="000905"))
    case = present_cases().earliest("pk")
    actions.decide_match(OPERATOR, case_id=case.pk, same=False, at=AT)
    assert asked() == []
    actions.undo_match(OPERATOR, case_id=case.pk, at=AT)
    assert asked() == [Reason.OTHER_SCHOOL] * 4
