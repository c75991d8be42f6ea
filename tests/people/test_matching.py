"""Whether two records are one student: each kind of difference once, and what holds for every pair."""

import datetime as dt
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.people.matching import (
    Clue,
    Decision,
    StudentDetails,
    compare,
    compare_correction,
    contradict,
    resolve_joins,
)
from scoreport.people.rules import Reason

BORN = dt.date(2008, 4, 15)
SSID, OTHER_SSID = ("state-student-id", "S", "0012345"), ("state-student-id", "S", "0099887")
LOCAL = ("local-student-id", "D", "77")


def student(first="Noemi", last="Tarkov", born=BORN, school=1, **more):
    return StudentDetails(first, last, born, school, **more)


def decided(one, other):
    result = compare(one, other)
    return result.decision, result.reason


JOINED = [
    ("Séan", "O'Malroy", "SEAN", "O Malroy"),
    ("Una", "D’Arnello", "una", "DARNELLO"),
    ("Ke\u02bbala", "Ka\u02bbimana", "Ke`ala", "Ka'imana"),
    ("Ana", "de la Fuenta", "Ana", "Delafuenta"),
    ("Anna-Lise", "Berg-Holm", "Anna Lise", "Berg Holm"),
    ("Mary Jo", "Tarkov", "Maryjo", "Tarkov"),
    ("Jürgen", "Größler", "JURGEN", "GROSSLER"),
    ("Roy", "Castellan III", "ROY", "Castellan, III"),
]


@pytest.mark.parametrize(("first", "last", "other_first", "other_last"), JOINED)
def test_case_accents_signs_and_spaces_join(first, last, other_first, other_last):
    result = compare(student(first, last), student(other_first, other_last))
    assert (result.decision, result.evidence_against) == (Decision.JOIN, ())
    assert {Clue.SAME_NAME, Clue.SAME_BIRTH_DATE, Clue.SAME_SCHOOL} <= set(result.evidence_for)


ASKED = [
    ("Dell", "Hargrave", "Dell", "Hargrave Jr.", Reason.SUFFIX),
    ("Roy", "Castellan III", "Roy III", "Castellan", Reason.SUFFIX),
    ("Roy", "Castellan Jr", "Roy", "Castellan Sr", Reason.SUFFIX),
    ("Roy Castellan", "Jr.", "Roy", "Castellan Jr.", Reason.WORDS_MOVED),
    ("Lucía", "Ibarro Rojano", "Lucia", "Ibarro", Reason.SURNAME_PART),
    ("Lucía", "Ibarro-Rojano", "Lucia", "Rojano", Reason.SURNAME_PART),
    ("Lucía", "de la Fuenta Rojano", "Lucia", "Delafuenta", Reason.SURNAME_PART),
    ("Lucía", "Ibarro Rojano", "Lucía", "Rojano Ibarro", Reason.WORDS_MOVED),
    ("Mateo Corvo", "Rangello", "Mateo", "Corvo Rangello", Reason.WORDS_MOVED),
    ("Minh Anh", "Ngo", "Ngo", "Minh Anh", Reason.SWAPPED),
    ("Xavi", "Tarkov II", "Tarkov II", "Xavi", Reason.SWAPPED),
    ("Jonas", "Grünholm", "Jonas", "Gruenholm", Reason.SPELLING),
    ("Jörg", "Ødebäck", "Joerg", "Oedebaeck", Reason.SPELLING),
    ("Rebeca", "Stanwell", "Rebecca", "Stanwell", Reason.ONE_LETTER),
    ("Noemi", "Tarkov", "Noemi", "Takrov", Reason.ONE_LETTER),
    ("Noemi", "Tarkov", "Noemi", "Tarkiv", Reason.ONE_LETTER),
    ("Noemi", "Li", "Noemi", "Lu", Reason.ONE_LETTER),
    ("Noemi", "Tarkovsen", "Noemi", "Tarlovesn", Reason.TWO_LETTERS),
    ("William", "Tarkov", "Bill", "Tarkov", Reason.NICKNAME),
    ("José", "Tarkov", "Pepe", "Tarkov", Reason.NICKNAME),
    ("Christian", "Tarkov", "Chris", "Tarkov", Reason.NICKNAME),
    ("Ana", "Tarkov", "Ana Lucía", "Tarkov", Reason.GIVEN_NAME_PART),
    ("FNU", "Tarkov", "Noemi", "Tarkov", Reason.NAME_MISSING),
    ("", "Tarkov", "", "Tarkov", Reason.NAME_MISSING),
    ("", "Noemi", "Noemi", "LNU", Reason.SWAPPED),
]


@pytest.mark.parametrize(("first", "last", "other_first", "other_last", "reason"), ASKED)
def test_another_spelling_is_asked_about_for_one_reason(first, last, other_first, other_last, reason):
    assert decided(student(first, last), student(other_first, other_last)) == (Decision.ASK, reason)


OTHER = [
    ("Noemi", "Tarkov", "Benita", "Tarkov"),
    ("Ana Lucía", "Tarkov", "Ana Ximena", "Tarkov"),
    ("Noemi", "Tarkov", "Noemi", "Stanwell"),
    ("Noemi", "Ibarro Rojano", "Noemi", "Ibarro Stanwell"),
    ("Jo", "Tarkov", "Bo", "Tarkov"),
    ("Rebeca", "Stanwell", "Rebecca", "Stanwel"),
]


@pytest.mark.parametrize(("first", "last", "other_first", "other_last"), OTHER)
def test_other_names_are_two_students(first, last, other_first, other_last):
    assert compare(student(first, last), student(other_first, other_last)) == (Decision.APART, None, (), ())


@pytest.mark.parametrize(
    ("one", "other", "reason", "clue"),
    [
        ({"middle_initial": "I"}, {"middle_initial": "J"}, Reason.MIDDLE_INITIAL, Clue.OTHER_MIDDLE_INITIAL),
        ({"gender": "F"}, {"gender": "M"}, Reason.GENDER, Clue.OTHER_GENDER),
        (
            {"identifiers": frozenset({SSID})},
            {"identifiers": frozenset({OTHER_SSID})},
            Reason.OTHER_IDENTIFIER,
            Clue.OTHER_IDENTIFIER,
        ),
        ({"identifiers": frozenset({SSID, OTHER_SSID})}, {}, Reason.OTHER_IDENTIFIER, Clue.OTHER_IDENTIFIER),
        ({"school": None}, {"school": None}, Reason.NO_SCHOOL, Clue.NO_SCHOOL),
        ({"school": None, "school_code": "000003"}, {"school": 2}, Reason.NO_SCHOOL, Clue.NO_SCHOOL),
        ({"school": 1}, {"school": 2}, Reason.OTHER_SCHOOL, Clue.OTHER_SCHOOL),
    ],
)
def test_what_speaks_against_it_makes_a_join_a_question(one, other, reason, clue):
    result = compare(student(**one), student(**other))
    assert (result.decision, result.reason) == (Decision.ASK, reason)
    assert clue in result.evidence_against


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"middle_initial": "I"}, {"middle_initial": ""}),
        ({"middle_initial": "i."}, {"middle_initial": "I"}),
        ({"gender": "F"}, {"gender": "U"}),
        ({"gender": "M"}, {"gender": "A"}),
        ({"identifiers": frozenset({SSID})}, {"identifiers": frozenset({LOCAL})}),
        ({"identifiers": frozenset({SSID})}, {"identifiers": frozenset({("state-student-id", "S", "N/A")})}),
        ({"school": None, "school_code": "470555"}, {"school": None, "school_code": "470555"}),
    ],
)
def test_what_says_nothing_keeps_no_join_from_standing(one, other):
    assert compare(student(**one), student(**other)).decision is Decision.JOIN


def test_a_missing_school_and_another_gender_stay_a_question():
    one, other = (student(school=None, school_code="000003", gender=gender) for gender in "FM")
    assert decided(one, other) == (Decision.ASK, Reason.NO_SCHOOL)
    assert decided(one, replace(other, middle_initial="I", identifiers=frozenset({SSID, OTHER_SSID})))[0] is (
        Decision.APART
    )


def test_a_birth_date_with_a_slip_is_asked_about_at_the_same_school_only():
    near = student(born=dt.date(2008, 4, 16))
    assert decided(student(), near) == (Decision.ASK, Reason.BIRTH_DATE_CLOSE)
    assert decided(student(), replace(near, school_id=2))[0] is Decision.APART
    assert decided(student(), replace(near, gender="F"))[0] is Decision.ASK
    assert decided(student(gender="M"), replace(near, gender="F"))[0] is Decision.APART
    assert decided(student(), student(born=dt.date(2009, 6, 27)))[0] is Decision.APART


@pytest.mark.parametrize(
    ("mine", "twin", "more", "decision"),
    [
        ("Kayla", "Layla", {}, Decision.ASK),
        ("Kayla", "Layla", {"middle_initial": ("A", "B")}, Decision.APART),
        ("Mario", "Maria", {"gender": ("M", "F")}, Decision.APART),
        ("Maria", "Maria Jose", {"middle_initial": ("I", "")}, Decision.APART),
        ("Maria", "Maria Jose", {"middle_initial": ("J", "")}, Decision.ASK),
        ("Kayla", "Benita", {}, Decision.APART),
        ("Maria", "Maria", {"middle_initial": ("I", "J")}, Decision.ASK),
        ("Angel", "Angel", {"middle_initial": ("L", "R"), "gender": ("M", "F")}, Decision.ASK),
    ],
)
def test_twins_never_join(mine, twin, more, decision):
    pair = [student(name, **{key: values[n] for key, values in more.items()}) for n, name in enumerate((mine, twin))]
    assert compare(*pair).decision is decision


class TestOneIdentifier:
    """Two records bear one number."""

    def number(self, *, more=(), **details):
        return student(identifiers=frozenset({SSID, *more}), **details)

    @pytest.mark.parametrize(
        "other",
        [
            {"school": 2},
            {"school": None},
            {"last": "Stanwell"},
            {"last": "Tarkov Stanwell", "school": 2},
            {"born": dt.date(2008, 5, 15)},
            {"more": (LOCAL,)},
        ],
    )
    def test_it_joins_across_schools_and_last_names(self, other):
        result = compare(self.number(), self.number(**other))
        assert (result.decision, result.reason, result.evidence_against) == (Decision.JOIN, Reason.IDENTIFIER, ())
        assert result.evidence_for[0] is Clue.SAME_IDENTIFIER

    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            ({"first": "Benita", "last": "Stanwell", "born": dt.date(2010, 1, 1)}, Reason.IDENTIFIER_OTHER_PERSON),
            ({"first": "Benita"}, Reason.IDENTIFIER_OTHER_PERSON),
            ({"first": "Noemy"}, Reason.IDENTIFIER_OTHER_PERSON),
            ({"born": dt.date(2010, 1, 1)}, Reason.IDENTIFIER_OTHER_PERSON),
            ({"last": "Stanwell", "born": dt.date(2008, 5, 15)}, Reason.IDENTIFIER_OTHER_PERSON),
            ({"gender": "F"}, Reason.GENDER),
            ({"middle_initial": "Q"}, Reason.MIDDLE_INITIAL),
            ({"more": (OTHER_SSID,)}, Reason.OTHER_IDENTIFIER),
        ],
    )
    def test_it_is_a_question_where_something_contradicts(self, other, reason):
        mine = self.number(gender="M", middle_initial="I")
        assert decided(mine, self.number(**other)) == (Decision.ASK, reason)

    @pytest.mark.parametrize("value", ["0", "9999999999", "NULL", "N/A"])
    def test_a_placeholder_is_none(self, value):
        numbers = frozenset({("state-student-id", "S", value)})
        one, other = student(identifiers=numbers), student(first="Benita", identifiers=numbers)
        assert compare(one, other).decision is Decision.APART
        assert compare(one, student(school=2, identifiers=numbers)).reason is Reason.OTHER_SCHOOL


@pytest.mark.parametrize(
    ("after", "decision"),
    [
        ({"first": "Noemy"}, Decision.JOIN),
        ({"first": "Noemi Isa"}, Decision.JOIN),
        ({"last": "Stanwell"}, Decision.JOIN),
        ({"born": dt.date(2011, 12, 30)}, Decision.JOIN),
        ({"school": 2}, Decision.JOIN),
        ({"first": "Benita"}, Decision.ASK),
        ({"last": "Stanwell", "born": dt.date(2011, 12, 30)}, Decision.ASK),
        ({"middle_initial": "Q"}, Decision.ASK),
    ],
)
def test_a_corrected_row_is_the_same_student_unless_the_given_name_changed(after, decision):
    result = compare_correction(student(middle_initial="I"), student(**after))
    assert result.decision is decision
    assert result.reason is (Reason.SAME_TICKET if decision is Decision.JOIN else Reason.TICKET_OTHER_PERSON)


def test_a_record_that_fits_both_twins_joins_neither():
    details = {
        1: student("Maria", middle_initial="I"),
        2: student("Maria"),
        3: student("Maria", middle_initial="J"),
        4: student("MARÍA", middle_initial="I"),
        5: student("Benita"),
        6: student("Bénita"),
    }
    joins = [pair for pair in combinations(details, 2) if decided(*map(details.get, pair))[0] is Decision.JOIN]
    assert joins == [(1, 2), (1, 4), (2, 3), (2, 4), (5, 6)]
    assert resolve_joins(details, joins) == ([(1, 4), (5, 6)], [(1, 2), (2, 3), (2, 4)])


def test_a_number_that_leads_elsewhere_takes_no_join_with_it():
    details = {
        1: student("Noemi", identifiers=frozenset({SSID})),
        2: student("Noemi", last="Stanwell", school=2, identifiers=frozenset({SSID})),
        3: student("Noemi", last="Stanwell", school=2),
    }
    assert resolve_joins(details, [(2, 1), (3, 2)]).joins == [(1, 2), (2, 3)]


names = st.sampled_from(
    [
        *("Maria", "MARÍA", "Mario", "Maria Jose", "Jose Maria", "Mariajose", "Pepe", "José", "Jr.", "FNU", "", "NULL"),
        *("Li", "Tarkov", "Tarkov Jr.", "Tarkow", "Grünholm", "Gruenholm", "Tarkov Maria", "李", "★", "x"),
    ]
)
details = st.builds(
    StudentDetails,
    first_name=names | st.text(max_size=6),
    last_name=names | st.text(max_size=6),
    birth_date=st.sampled_from([BORN, dt.date(2008, 4, 16), dt.date(2009, 4, 15), dt.date(2010, 1, 1)]),
    school_id=st.sampled_from([None, 1, 1, 1, 2]),
    middle_initial=st.sampled_from(["", "", "I", "J", "j."]),
    gender=st.sampled_from("FMAU"),
    school_code=st.sampled_from(["", "000003", "470555"]),
    identifiers=st.frozensets(st.sampled_from([SSID, OTHER_SSID, LOCAL, ("local-student-id", "D", "0")]), max_size=2),
)


@given(one=details, other=details)
def test_both_orders_have_one_answer(one, other):
    assert compare(one, other) == compare(other, one)
    assert contradict(one, other) == contradict(other, one)
    assert compare_correction(one, other) == compare_correction(other, one)


@given(one=details, other=details)
def test_a_join_has_nothing_against_it_and_a_question_has_one_reason(one, other):
    result = compare(one, other)
    assert (result.reason is None) is (result.decision is Decision.APART)
    if result.decision is Decision.JOIN:
        assert result.evidence_against == ()
        assert {one.gender, other.gender} != {"F", "M"}
        initials = {initial.strip(".").upper() for initial in (one.middle_initial, other.middle_initial)} - {""}
        assert len(initials) <= 1
        assert not {SSID, OTHER_SSID} <= one.identifiers | other.identifiers
        assert one.school_id == other.school_id or {SSID, OTHER_SSID, LOCAL} & one.identifiers & other.identifiers
        assert not contradict(one, other)


@given(st.lists(details, min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_resolved_joins_hold_no_contradiction_in_any_order(some, chance):
    known = dict(enumerate(some))
    joins = [pair for pair in combinations(known, 2) if compare(known[pair[0]], known[pair[1]])[0] is Decision.JOIN]
    resolved = resolve_joins(known, joins)
    assert sorted(resolved.joins + resolved.questions) == joins
    groups = {key: {key} for key in known}
    for one, other in resolved.joins:
        together = groups[one] | groups[other]
        groups.update(dict.fromkeys(together, together))
    for group in groups.values():
        assert [pair for pair in combinations(sorted(group), 2) if contradict(known[pair[0]], known[pair[1]])] == []
    turned = [(other, one) for one, other in joins]
    chance.shuffle(turned)
    assert resolve_joins(known, turned) == resolved
