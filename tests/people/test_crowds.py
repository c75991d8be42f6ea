"""A crowd of one school and birth date: the same questions as by comparing each with each, without doing so."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoreport.people import crowds
from scoreport.people.matching import StudentDetails
from scoreport.people.models import MatchCase
from scoreport.people.spellings import difference, keys_of, name_of
from tests.scores.files import load, row

words = st.sampled_from(
    [
        *("Maria", "MARÍA", "Mario", "Jose", "Mariajose", "Pepe", "José", "Jr.", "FNU", "", "NULL", "Li", "III"),
        *("Tarkov", "Tarkow", "Grünholm", "Gruenholm", "Grunholm", "李", "★", "x", "Ann", "Nan"),
    ]
)
names = st.lists(words, max_size=3).map(" ".join) | st.text("abü ", max_size=5)


@given(one=st.builds(name_of, names, names), other=st.builds(name_of, names, names))
@example(one=name_of("Roy Castellan", "Jr."), other=name_of("Roy", "Castellan Jr."))
def test_names_that_differ_in_a_known_way_have_a_key_in_common(one, other):
    if difference(one, other) is not None:
        assert keys_of(one) & keys_of(other)


NAMES = [("Ana", "Lopez"), ("Anna", "Lopez"), ("Lopez", "Ana"), ("Ana", "Lopez Ruiz"), ("Bo", "Ek"), ("Cy", "Ek")]


def test_each_pair_comes_once():
    born = dt.date(1900, 1, 1)
    members = [(number, StudentDetails(*name, born, 1)) for number, name in enumerate(NAMES)]
    pairs = [(mine[0], other[0]) for mine, other in crowds.pairs_among(members)]
    assert sorted(pairs) == [(1, 0), (2, 0), (3, 0), (5, 4)]
    assert len(list(crowds.pairs_between(members[:1], members[1:]))) == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("least", [0, 3, crowds.LEAST], ids=["crowds", "a crowd and a few", "a few"])
def test_the_questions_of_a_crowd_are_those_of_a_few(monkeypatch, least):
    monkeypatch.setattr(crowds, "LEAST", least)
    load(*(row(f"K{n}", first_name=first, last_name=last) for n, (first, last) in enumerate(NAMES[:2])))
    crowd = [row(f"N{n}", first_name=first, last_name=last) for n, (first, last) in enumerate(NAMES[2:])]
    load(*crowd, *(row(f"F{name}", first_name=name, date_of_birth="2007-01-02") for name in ("Noemi", "Noemy")))
    asked = {frozenset((case.record.first_name, case.candidate.first_name)) for case in MatchCase.objects.all()}
    assert asked == {
        frozenset({"Ana", "Anna"}),
        frozenset({"Lopez", "Ana"}),
        frozenset({"Ana"}),
        frozenset({"Noemi", "Noemy"}),
    }
