"""The shortcuts of student records: equal for what matching takes for equal, and the same in every year."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from scoreport.imports import staging
from scoreport.imports.run import NotPossibleNow
from scoreport.people.rules import Named, keys_of
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import accept, check, row, text
from tests.world import AT, OPERATOR

KEYS = ("record_key", "name_birth_key", "name_school_key", "letters_key")
named = st.builds(
    Named,
    first_name=st.sampled_from(["Ana", "ANA", "Ana Maria", "Maria-Ana", "Anamaria", "Aan", "", "李"]) | st.text(),
    last_name=st.sampled_from(["Lopez", "López", "Ana", "lo pez", "=1"]) | st.text(),
    birth_date=st.dates(dt.date(1900, 1, 1), dt.date(1900, 1, 3)) | st.dates(),
    school_id=st.sampled_from([None, 1, 2, 2**23]) | st.integers(1, 2**62),
)


@given(one=named, other=named)
def test_a_key_is_equal_where_what_it_stands_for_is(one, other):
    mine, theirs = keys_of(one), keys_of(other)
    names = (mine.fold_given, mine.fold_last) == (theirs.fold_given, theirs.fold_last)
    letters = (sorted(mine.fold_given), mine.fold_last) == (sorted(theirs.fold_given), theirs.fold_last)
    born, school = one.birth_date == other.birth_date, one.school_id == other.school_id
    # Schools whose numbers are eight million apart share a key; whoever looks it up compares the school.
    near = (one.school_id or 0) % 2**23 == (other.school_id or 0) % 2**23
    assert (mine.record == theirs.record) == (names and born and near)
    assert (mine.name_birth == theirs.name_birth) == (names and born)
    assert (mine.name_school == theirs.name_school) == (names and near)
    assert (mine.letters == theirs.letters) == (letters and born and near)
    assert near or not school


@given(named)
def test_a_key_fits_its_column_and_begins_with_the_school_or_the_birth_date(one):
    keys = keys_of(one)
    assert all(0 <= key < 2**63 for key in keys[2:])
    assert {key >> 40 for key in (keys.record, keys.name_school, keys.letters)} == {(one.school_id or 0) % 2**23}
    assert keys.name_birth >> 40 == one.birth_date.toordinal()


def test_keys_are_stored_and_therefore_never_change():
    """Who changes them writes a migration, and the numbers here."""
    assert keys_of(Named("Ana María", "López", dt.date(2008, 4, 5), 7)) == (
        *("anamaria", "lopez"),
        *(8135669478707, 806093552286790214, 8592615371334, 7925074472573),
    )


@pytest.mark.django_db
def test_an_update_lets_files_that_wait_be_checked_again(world):
    migration = import_module("scoreport.imports.migrations.0002_every_kind")
    file = check(text(row("T1"), row("T2")))
    migration.drop_staged(apps, SimpleNamespace(connection=connection))
    assert staging.present() == []
    with pytest.raises(NotPossibleNow, match="after an update of Scoreport"):
        accept(file)
    actions.check_now(OPERATOR, file_id=file.pk, at=AT)
    accept(file)
    assert ClepResult.objects.count() == 2
