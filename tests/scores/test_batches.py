"""A file is checked in batches; where they end makes no difference, and rows are stored where reports look for them."""

import pytest
from django.db import connection

from scoreport.organizations.queries import find
from scoreport.people.models import Student
from scoreport.scores.intake import check as checking
from scoreport.scores.intake.clep import ClepChecker
from scoreport.scores.models import RefusedTest, Score
from tests.scores.files import accept, check, counts, refused, row, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("wrong", [(), (0,), (2,), (3,), (0, 1, 2), (3, 4, 5), tuple(range(9))])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 6, 9])
def test_rows_are_neither_lost_nor_counted_twice_where_a_batch_ends(world, monkeypatch, rows, wrong):
    monkeypatch.setattr(checking, "_BATCH", 3)
    monkeypatch.setattr(checking, "_SOME", 2)
    file = check(
        text(*(row(f"T{n}", score="99" if n in wrong else "50", grade="x" if n == 3 else "6") for n in range(rows)))
    )
    bad = {n for n in range(rows) if n in wrong or n == 3}
    assert {line for line, *_rest in refused(file)} == {n + 2 for n in bad}
    assert RefusedTest.objects.count() == len(bad)
    assert (file.rows_total, counts(file)["new"], counts(file)["refused"]) == (rows, rows - len(bad), len(bad))
    accept(file)
    assert set(Score.objects.values_list("ticket", flat=True)) == {f"T{n}" for n in range(rows) if n not in bad}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers at a time")
def test_a_check_lets_others_write_while_it_looks_at_rows(world, monkeypatch):
    """SQLite's write transactions begin with its only lock; rows are looked at outside of them."""
    depths = []
    looked = ClepChecker.check

    def look(self, line, cells):
        depths.append(len(connection.savepoint_ids))
        return looked(self, line, cells)

    monkeypatch.setattr(ClepChecker, "check", look)
    outside = len(connection.savepoint_ids)
    check(text(row("T1"), row("T2", score="99")))
    assert depths == [outside, outside]


def test_a_cell_that_grows_when_it_is_cleaned_is_measured_after_it(world):
    """U+FB2C becomes three characters in NFC, the form in which names are stored."""
    assert [(line, column) for line, column, *_rest in refused(check(text(row("T1", first_name="\ufb2c" * 200))))] == [
        (2, "first_name")
    ]


def test_scores_and_students_are_stored_by_state_district_and_school(world):
    districts = {"470101": "D-BIRCH", "000905": "D-ALDER", "470001": "D-ALDER"}
    codes = ("", *districts)
    accept(check(text(*(row(f"T{n}", ai_code=codes[n % 4], first_name=f"Ana {n % 8}") for n in range(24)))))
    places = sorted((find(district).id, find(code).id) for code, district in districts.items())
    expected = [*(school for _district, school in places), None]
    for model in (Score, Student):
        stored = list(model.objects.order_by("pk").values_list("school_id", flat=True))
        assert stored == sorted(stored, key=expected.index)
        assert set(stored) == set(expected)
    for school in expected:
        tickets = Score.objects.filter(school_id=school).order_by("pk").values_list("ticket", flat=True)
        assert list(tickets) == sorted(tickets, key=lambda ticket: int(ticket[1:]))
