"""Cells as people and spreadsheets leave them: taken where one reading is harmless, else refused with the cause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.imports.cells import WRONG, RowReader, is_no_name
from scoreport.imports.problems import Cause
from tests.imports.made import GOOD, LIBRARY


def read(column: str, cell: str) -> tuple[str, Cause | str | None]:
    """Return what a cell of a column is read as, and the cause if it is refused ("" for no problem)."""
    reader = RowReader(LIBRARY)
    cells = [(GOOD | {"note": ""} | {column: cell})[name] for name in LIBRARY.names]
    value = reader.read(cells)[LIBRARY.names.index(column)]
    if reader.log.problems:
        (problem,) = reader.log.problems
        assert (problem.column, value) == (column, WRONG)
        return "", problem.cause
    return value, ""


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("branch", '="000905"', "000905"),
        ("branch", "'000905", "000905"),
        ("branch", " 000905 ", "000905"),
        ("branch", "111007.0", "111007"),
        ("branch", "", ""),
        ("card", "C\u200b00123", "C00123"),
        ("card", '="26010000001"', "26010000001"),
        ("card", "AB\u2011123", "AB-123"),
        ("card", "12.34.56", "12.34.56"),
        ("level", "0007", "7"),
        ("level", "7.0", "7"),
        ("level", "77w", "77W"),
        ("level", "Female", "7"),
        ("level", "N/A", "12"),
        ("books", "055", "55"),
        ("books", "55.0", "55"),
        ("books", "", ""),
        ("born", "2008-3-4", "2008-03-04"),
        ("born", "2008/03/04", "2008-03-04"),
        ("born", "2008-03-04T00:00:00", "2008-03-04"),
        ("born", "2008\u201103\u201104 00:00:00.000", "2008-03-04"),
        ("last_name", "Null", "Null"),
        ("last_name", "O", "O"),
        ("last_name", "'t Hooft", "'t Hooft"),
        ("first_name", "FNU", "FNU"),
        ("first_name", "=1+1", "=1+1"),
        ("first_name", "NULL", ""),
        ("first_name", "#N/A", ""),
        ("note", "7777", "7777"),
    ],
)
def test_what_has_one_harmless_reading_is_taken(column, cell, value):
    assert read(column, cell) == (value, "")


@pytest.mark.parametrize(
    ("column", "cell", "cause"),
    [
        ("branch", "905", Cause.LOST_ZEROS),
        ("branch", "905.0", Cause.LOST_ZEROS),
        ("branch", "1110071", None),
        ("card", "2.61E+10", Cause.SCIENTIFIC),
        ("card", "2.6070000001e10", Cause.SCIENTIFIC),
        ("card", "26070000001.0", Cause.DECIMAL),
        ("card", "NULL", Cause.PLACEHOLDER),
        ("card", "9999999999", Cause.PLACEHOLDER),
        ("card", "12 34", None),
        ("last_name", "NULL", Cause.PLACEHOLDER),
        ("last_name", ".", Cause.PLACEHOLDER),
        ("last_name", "nan", Cause.PLACEHOLDER),
        ("last_name", "#REF!", Cause.ERROR_CELL),
        ("first_name", "#NAME?", Cause.ERROR_CELL),
        ("last_name", "Pe\ufffdalver", Cause.LOST_LETTERS),
        ("last_name", "Pe?alver", Cause.LOST_LETTERS),
        ("last_name", "PeÃ±alver", Cause.MOJIBAKE),
        ("note", "CafÃ©", Cause.MOJIBAKE),
        ("born", "3/4/2008", Cause.US_DATES),
        ("born", "3/4/08", Cause.US_DATES),
        ("born", "13/02/2008", Cause.DAY_FIRST_DATES),
        ("born", "4.3.2008", Cause.DAY_FIRST_DATES),
        ("born", "39511", Cause.SERIAL_DATES),
        ("joined", "########", Cause.TOO_NARROW),
        ("born", "2008-02-30", None),
        ("born", "soon", None),
        ("books", "100", None),
        ("books", "5.5", None),
        ("books", "NULL", Cause.PLACEHOLDER),
        ("level", "8", None),
        ("note", "x" * 501, None),
    ],
)
def test_what_could_mean_something_else_is_refused_with_its_cause(column, cell, cause):
    assert read(column, cell) == ("", cause)


def test_a_cell_that_is_wrong_is_told_each_time_and_never_remembered():
    reader = RowReader(LIBRARY)
    row = [*GOOD.values(), ""]
    bad = [*row[:4], "soon", *row[5:]]
    assert [bool(reader.read(cells) and reader.log.problems) for cells in (bad, row, bad, bad)] == [
        True, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "says_nothing"),
    [("NULL", True), ("null", True), ("N/A", True), ("NA", True), ("--", True), ("Null", False), ("Na", False),
     ("McNull", False), ("Aa", False), ("0", True), ("Lopez", False)],
)  # fmt: skip
def test_names_that_say_nothing(name, says_nothing):
    assert is_no_name(name) == says_nothing


@given(st.lists(st.text(max_size=12), min_size=9, max_size=9))
def test_any_row_is_read_the_same_again_or_has_a_sentence(cells):
    reader = RowReader(LIBRARY)
    values = reader.read(cells)
    if reader.log.problems:
        assert all(problem.reason[-1] in ".?" for problem in reader.log.problems)
    else:
        assert reader.read(values) == values
        assert not reader.log.problems
