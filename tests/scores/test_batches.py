"""A file is checked in pieces; where they end and who checks them makes no difference. Rows are stored in order."""

import pytest
from django.db import connection
from django.utils import translation

from scoreport.imports import staging
from scoreport.imports.reading import opening
from scoreport.lib import process_pool
from scoreport.organizations.queries import find
from scoreport.people.models import StudentRecord
from scoreport.scores.intake import check_rows
from scoreport.scores.intake.clep import ClepChecker
from scoreport.scores.models import ClepResult, RefusedTest
from tests.scores.files import COLUMNS, accept, check, counts, refused, row, text

pytestmark = pytest.mark.django_db

LINE = text(row("T0")).splitlines()[1]


@pytest.mark.parametrize("wrong", [(), (0,), (2,), (3,), (0, 1, 2), (3, 4, 5), tuple(range(9))])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 6, 9])
def test_rows_are_neither_lost_nor_counted_twice_where_a_piece_ends(world, monkeypatch, rows, wrong):
    monkeypatch.setattr(opening, "_PIECE", 2 * len(LINE))
    monkeypatch.setattr(check_rows, "_SOME", 2)
    monkeypatch.setattr(process_pool, "_ALONE", 9)
    file = check(
        text(*(row(f"T{n}", score="99" if n in wrong else "50", grade="x" if n == 3 else "6") for n in range(rows)))
    )
    bad = {n for n in range(rows) if n in wrong or n == 3}
    assert {line for line, *_rest in refused(file)} == {n + 2 for n in bad}
    assert RefusedTest.objects.count() == len(bad)
    assert (file.rows_total, counts(file)["new"], counts(file)["refused"]) == (rows, rows - len(bad), len(bad))
    accept(file)
    assert set(ClepResult.objects.values_list("ticket", flat=True)) == {f"T{n}" for n in range(rows) if n not in bad}


def told(content):
    """Check a file and return all that is known of it then."""
    file = check(content)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {staging.table_of(file.pk)} ORDER BY line")  # noqa: S608 - our own name
        staged = cursor.fetchall()
    reasons = list(file.refused.order_by("line", "column").values_list("line", "column", "value", "reason"))
    about = list(file.refused_tests.order_by("line").values_list("line", "ticket", "fold_last", "birth_date"))
    return file.state, file.reason, file.rows_total, counts(file), file.notices, staged, reasons, about


@pytest.fixture
def helpers(monkeypatch, settings):
    """Let helpers do all pieces but the first; return what this process does."""
    done = []
    check_piece = check_rows.RowChecker.__call__
    each = process_pool._Crew.each

    def counted(self, piece):
        done.append(piece)
        return check_piece(self, piece)

    def after_start(self, tasks):
        for future in self._starting:
            future.result()
        return each(self, tasks)

    monkeypatch.setattr(check_rows.RowChecker, "__call__", counted)
    monkeypatch.setattr(process_pool._Crew, "each", after_start)
    settings.CHECK_PROCESSES = 2
    monkeypatch.setattr(opening, "_PIECE", 4 * len(LINE))
    monkeypatch.setattr(process_pool, "_ALONE", 1)
    return done


WRONG = (
    {"score": "99"},
    {"ai_code": "999"},
    {"date_tested": "2026-02-30"},
    {"ai_code": ""},
    {"last_name": 'O\'Neil, "Zo\u00eb"\nde la \\ Cruz'},
    {"last_name": "", "grade": "x"},
    {"exam_code": "12", "score": "", "date_scored": ""},
    {"first_name": "=1+1"},
)


@pytest.mark.parametrize("columns", [COLUMNS, ("note", *reversed(COLUMNS))])
def test_helpers_find_what_one_process_finds(world, settings, helpers, columns):
    rows = [row(f"T{n % 55}", **(WRONG[n // 3 % len(WRONG)] if n % 3 == 0 else {})) for n in range(60)]
    content = text(*rows, columns=columns) + b"too,few\n"
    with translation.override("es"):
        together = told(content)
    assert len(helpers) == 1
    settings.CHECK_PROCESSES = 1
    with translation.override("es"):
        alone = told(content)
    assert len(helpers) > 10
    assert together == alone
    assert together[3]["refused"] > 10


def test_helpers_find_where_a_file_is_unreadable(world, helpers):
    file = check(text(*(row(f"T{n}") for n in range(40))) + b'"a"b,\n')
    assert len(helpers) == 1
    assert file.state == "failed"
    assert file.reason.startswith("Line 42")
    assert not staging.exists(file.pk)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers at a time")
def test_a_check_lets_others_write_while_it_looks_at_rows(world, monkeypatch):
    """SQLite's write transactions begin with its only lock; rows are looked at outside of them."""
    depths = []
    looked = ClepChecker.check

    def look(self, line, cells, problems):
        depths.append(len(connection.savepoint_ids))
        return looked(self, line, cells, problems)

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
    for model in (ClepResult, StudentRecord):
        stored = list(model.objects.order_by("pk").values_list("school_id", flat=True))
        assert stored == sorted(stored, key=expected.index)
        assert set(stored) == set(expected)
    for school in expected:
        tickets = ClepResult.objects.filter(school_id=school).order_by("pk").values_list("ticket", flat=True)
        assert list(tickets) == sorted(tickets, key=lambda ticket: int(ticket[1:]))
