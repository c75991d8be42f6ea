"""The missing score finder: every state with its reason, and what it does not tell."""

import datetime as dt

import pytest

from scoreport.access import NotAllowed
from scoreport.audit.models import Event
from scoreport.audit.queries import events_of
from scoreport.organizations.queries import find
from scoreport.people.rules import is_one_slip
from scoreport.scores import actions
from scoreport.scores.models import MissingSearch, RefusedTest
from scoreport.scores.rules import SEARCHES_A_DAY, WINDOW, Found, Why, is_close_code
from scoreport.scores.search import SearchCriteria
from tests.scores.claimed import ANA, only, search
from tests.scores.files import check, load, public_id, row, text, undo
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

T1 = SearchCriteria(ticket="T1")
FRIDAY = {"date_registered": "2026-11-01", "date_tested": "2026-11-20", "date_scored": "2026-11-20"}
ESSAY = {"exam_code": "91", "score": "", "date_scored": ""}


def born(first: str, last: str, day: str) -> SearchCriteria:
    return SearchCriteria(first_name=first, last_name=last, birth_date=dt.date.fromisoformat(day))


def told(answer) -> list[tuple[Found, Why, bool]]:
    return [(one.state, one.why, one.is_certain) for one in answer.findings]


STORED = {
    "released": ({}, Found.RELEASED, Why.NOTHING),
    "on Monday": (FRIDAY, Found.PENDING, Why.NOTHING),
    "late essay": (ESSAY, Found.PENDING, Why.LATE),
    "essay": ({**ESSAY, **FRIDAY, "date_scored": ""}, Found.PENDING, Why.NOTHING),
    "blank": ({"ai_code": ""}, Found.UNATTRIBUTED, Why.BLANK),
    "000003": ({"ai_code": "000003"}, Found.UNATTRIBUTED, Why.NO_SCHOOL_CODE),
    "000004": ({"ai_code": "000004"}, Found.UNATTRIBUTED, Why.NO_SCHOOL_CODE),
    "unknown": ({"ai_code": "123456"}, Found.UNATTRIBUTED, Why.UNKNOWN_CODE),
    "one digit": ({"ai_code": "470003"}, Found.UNATTRIBUTED, Why.CLOSE_CODE),
    "transposed": ({"ai_code": "740001"}, Found.UNATTRIBUTED, Why.CLOSE_CODE),
    "sister school": ({"ai_code": "000905"}, Found.OTHER_SCHOOL, Why.OTHER_CODE),
    "Birch, one digit": ({"ai_code": "470101"}, Found.OTHER_SCHOOL, Why.CLOSE_CODE),
}


@pytest.mark.parametrize("by", ["ticket", "voucher", "name"])
@pytest.mark.parametrize("case", STORED)
def test_what_is_on_file_is_found_with_its_reason(actor, case, by):
    cells, state, why = STORED[case]
    load(row("T1", voucher_code="V-77", **cells))
    criteria = {"ticket": T1, "voucher": SearchCriteria(voucher="V-77"), "name": ANA}[by]
    answer = search(actor("amy"), criteria)
    if by == "name" and state is Found.OTHER_SCHOOL:
        assert answer.findings == ()
    else:
        assert told(answer) == [(state, why, True)]


def test_days_are_those_of_the_school(actor):
    load(row("T1", **FRIDAY), row("T2", exam_code="91", **{**FRIDAY, "score": "", "date_scored": ""}))
    assert only(search(actor("amy"), T1)).day == dt.date(2026, 11, 23)
    assert only(search(actor("amy"), SearchCriteria(ticket="T2"))).day == dt.date(2026, 12, 11)


NAMES = {
    "as it is": (born("Ana", "Lopez", "2008-04-05"), Why.NOTHING, True),
    "capitals": (born("ANA", "LOPEZ", "2008-04-05"), Why.NOTHING, True),
    "accents": (born("Ána", "López", "2008-04-05"), Why.OTHER_SPELLING, True),
    "a slip": (born("Ana", "Lopes", "2008-04-05"), Why.NAME_CLOSE, False),
    "swapped": (born("Lopez", "Ana", "2008-04-05"), Why.NAMES_SWAPPED, False),
    "day and month": (born("Ana", "Lopez", "2008-05-04"), Why.BIRTH_DATE_CLOSE, False),
    "a year": (born("Ana", "Lopez", "2009-04-05"), Why.BIRTH_DATE_CLOSE, False),
}


@pytest.mark.parametrize("case", NAMES)
def test_spellings_and_slips_in_ones_own_report(actor, case):
    criteria, why, is_certain = NAMES[case]
    load(row("T1"))
    answer = search(actor("amy"), criteria)
    assert told(answer) == [(Found.RELEASED, why, is_certain)]
    assert only(answer).name == "Lopez, Ana"


@pytest.mark.parametrize("case", ["a slip", "swapped", "day and month"])
def test_nothing_uncertain_is_told_of_what_is_not_ones_own(actor, case):
    load(row("T1", ai_code=""), row("T2", ai_code="000905"))
    assert search(actor("amy"), NAMES[case][0]).state is Found.NEVER


@pytest.mark.parametrize("name", [born("Bo", "Lopez", "2008-04-05"), born("Ana", "Lopez", "2001-01-01")])
def test_another_student_is_not_found(actor, name):
    load(row("T1"), row("T2", ai_code=""))
    assert search(actor("amy"), name).findings == ()


def test_given_names_in_one_word_and_a_name_in_one_piece(actor):
    load(row("T1", first_name="Zoe Anne", last_name="De La Cruz"))
    assert told(search(actor("amy"), born("ZoeAnne", "Delacruz", "2008-04-05"))) == [
        (Found.RELEASED, Why.OTHER_SPELLING, True)
    ]
    whole = SearchCriteria(last_name="Zoe Anne De La Cruz", birth_date=dt.date(2008, 4, 5), is_whole=True)
    assert search(actor("amy"), whole).state is Found.RELEASED


def test_an_open_question_about_a_birth_date(actor):
    load(row("T1"))
    load(row("T2", date_of_birth="2008-05-04", exam_code="62"))
    answer = search(actor("amy"), ANA)
    assert told(answer) == [(Found.RELEASED, Why.NOTHING, True), (Found.QUESTION, Why.BIRTH_DATE_CLOSE, False)]
    assert only(search(actor("amy"), SearchCriteria(ticket="T2"))).why is Why.BIRTH_DATE_CLOSE


def test_a_refused_row_says_why(actor):
    bad = row("T1", score="81", voucher_code="V-77")
    file = load(bad, row("T2"))
    for criteria in (T1, SearchCriteria(voucher="V-77"), born("Ana", "Lopez", "2008-04-05")):
        one = next(one for one in search(actor("amy"), criteria).findings if one.state is Found.REFUSED)
        assert one.problems == (
            "score: A CLEP score is a whole number from 20 to 80. For a canceled score, write CANCELED.",
        )
        assert (one.why, one.exam) == (Why.ROW_REFUSED, "Biology")
    load(row("T1"))
    assert told(search(actor("amy"), T1)) == [(Found.RELEASED, Why.NOTHING, True)]
    undo(file)
    assert not RefusedTest.objects.exists()


def test_a_ticket_that_stood_twice_in_a_file(actor):
    load(row("T1"), row("T1", score="60"), row("T2"))
    assert [one.state for one in search(actor("amy"), T1).findings] == [Found.REFUSED]


@pytest.mark.parametrize(
    ("cells", "by_name"),
    [({}, [Found.REFUSED]), ({"ai_code": ""}, [Found.REFUSED]), ({"ai_code": "470101"}, [])],
    ids=["mine", "no school", "other school"],
)
def test_a_refused_row_of_another_school_is_found_by_its_ticket_only(actor, cells, by_name):
    load(row("T1", score="81", **cells))
    assert [one.state for one in search(actor("amy"), ANA).findings] == by_name
    assert [one.state for one in search(actor("amy"), T1).findings] == [Found.REFUSED]


@pytest.mark.parametrize(
    ("code", "why"),
    [("470001", Why.NOTHING), ("", Why.BLANK), ("470003", Why.CLOSE_CODE), ("000905", Why.OTHER_CODE)],
)
def test_a_checked_file_that_nobody_accepted_is_for_staff(actor, code, why):
    check(text(row("T1", ai_code=code, voucher_code="V-77")))
    for criteria in (T1, SearchCriteria(voucher="V-77"), ANA):
        assert told(search(actor("pat"), criteria)) == [(Found.IN_FILE, why, True)]
        assert search(actor("amy"), criteria).findings == ()


def test_what_explains_most_stands_first(actor):
    load(row("T1"), row("T2", ai_code="", exam_code="62"))
    check(text(row("T3", exam_code="77", exam_subject="")))
    assert [one.state for one in search(actor("amy"), ANA).findings] == [Found.UNATTRIBUTED, Found.RELEASED]
    answer = search(actor("pat"), ANA)
    assert [one.state for one in answer.findings] == [Found.UNATTRIBUTED, Found.IN_FILE, Found.RELEASED]


def test_schools_are_named_to_those_who_reach_them(actor):
    load(row("T1", ai_code="000905"))
    assert only(search(actor("amy"), T1)).school == ""
    assert only(search(actor("dan"), T1)).school == "Alder Early College"
    assert only(search(actor("dan"), ANA)).school == "Alder Early College"
    assert only(search(actor("pat"), T1)).school == "Alder Early College"
    assert only(search(actor("dan"), T1, school="D-ALDER")).state is Found.RELEASED


def test_a_name_tells_nothing_of_other_schools(actor):
    """The answer to a name at another school is the one to a name that nobody has."""
    load(row("T1", ai_code="000905"), row("T2", score="81", ai_code="000905"))
    check(text(row("T3", ai_code="000905")))
    nobody = search(actor("amy"), born("No", "Body", "2008-04-05"))
    assert search(actor("amy"), ANA) == nobody
    assert len(search(actor("dan"), ANA).findings) == 2


def test_names_and_students_are_for_those_who_open_the_roster(actor):
    load(row("T1"))
    mine, staff = only(search(actor("amy"), T1)), only(search(actor("pat"), T1))
    assert (mine.name, mine.student) == ("Lopez, Ana", public_id("T1"))
    assert (staff.name, staff.student, staff.key) == ("", "", "")
    assert only(search(actor("pat"), T1, school=None)).state is Found.RELEASED


def test_who_may_look_and_where(actor):
    load(row("T1"))
    for name, school in (("sue", "ALDER-HIGH"), ("max", "ALDER-HIGH"), ("nora", None), ("bea", "ALDER-HIGH")):
        with pytest.raises(NotAllowed):
            search(actor(name), T1, school=school)
    for name in ("amy", "dan", "sam", "pat"):
        assert search(actor(name), T1).state is Found.RELEASED
    assert search(OPERATOR, T1, school=None).state is Found.RELEASED


def test_every_search_is_recorded_without_the_name(actor):
    load(row("T1"))
    for criteria in (T1, ANA, born("No", "Body", "2008-04-05")):
        search(actor("amy"), criteria)
    nobody, name, ticket = (event.facts for event in events_of(verb="scores:missing:sought"))
    assert (ticket.subject, ticket.organization, ticket.detail) == (
        "T1",
        "ALDER-HIGH",
        {"by": "ticket", "found": "released"},
    )
    assert name.detail == {"by": "name", "found": "released"}
    assert nobody.detail == {"by": "name", "found": "never_received"}
    assert len({name.subject, nobody.subject}) == 2
    assert not [event for event in Event.objects.all() if "opez" in str(vars(event))]


def test_a_person_looks_for_so_many_a_day(actor):
    amy = actor("amy")
    long_ago, just_now = AT - WINDOW, AT - WINDOW + dt.timedelta(minutes=1)
    old = [MissingSearch(person_id=amy.person_id, at=long_ago) for _n in range(5)]
    MissingSearch.objects.bulk_create(
        [*old, *(MissingSearch(person_id=amy.person_id, at=just_now) for _n in range(SEARCHES_A_DAY - 1))]
    )
    search(amy, T1)
    with pytest.raises(actions.TooManySearches, match=str(SEARCHES_A_DAY)):
        search(amy, T1)
    assert search(actor("dan"), T1).state is Found.NEVER
    assert search(amy, T1, at=AT + dt.timedelta(minutes=2)).state is Found.NEVER


def test_a_district_cannot_claim_and_a_school_can(actor):
    load(row("T1", ai_code=""))
    assert only(search(actor("dan"), T1, school="D-ALDER")).key == ""
    assert only(search(actor("dan"), T1)).key
    assert only(search(actor("amy"), ANA)).key
    assert find("ALDER-HIGH").id


@pytest.mark.parametrize(
    ("one", "other", "close"),
    [
        ("470001", "470001", False),
        ("470001", "470002", True),
        ("470001", "740001", True),
        ("470001", "407001", True),
        ("470001", "470110", False),
        ("470001", "074001", False),
        ("470001", "47000", False),
        ("123456", "213465", False),
    ],
)
def test_close_codes(one, other, close):
    assert is_close_code(one, other) is close
    assert is_close_code(other, one) is close


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("lopez", "lopez", False),
        ("lopez", "lopes", True),
        ("lopez", "lpez", True),
        ("lopez", "lopezz", True),
        ("lopez", "olpez", True),
        ("lopez", "lopze", True),
        ("lopez", "oplez", False),
        ("bo", "jo", False),
        ("ana", "anna", True),
        ("maria", "mario", True),
        ("maria", "marcos", False),
    ],
)
def test_slips_of_the_pen(one, other, slip):
    assert is_one_slip(one, other) is slip
    assert is_one_slip(other, one) is slip
