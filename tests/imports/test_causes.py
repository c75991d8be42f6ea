"""One sentence for each cause, and a repair only where the whole file shows that there is one way to do it."""

import json

import pytest

from scoreport.imports.problems import Cause, FileCause, RepairKind, UnreadableFile
from tests.imports.made import line, table

US = {"born": "3/4/2008", "joined": "1/15/2026"}


def causes(*lines: str, **options) -> tuple[FileCause, ...]:
    """Return what is said of a file, whether it can be read or not."""
    try:
        return table(*lines, **options).causes
    except UnreadableFile as error:
        return error.causes


def test_us_dates_are_one_sentence_and_one_rejected_row_each():
    (cause,) = causes(*(line(card=f"C0012{n}", **US) for n in range(8)))
    assert cause.sentence == "These dates are in US form. Read them as month/day/year?"
    assert (cause.columns, cause.rows, cause.lines) == (("born", "joined"), 8, (2, 3, 4, 5, 6))
    assert cause.repairs[0].preview[0] == ("3/4/2008", "2008-03-04")
    assert [(one.column, one.rows) for one in cause.repairs] == [("born", 8), ("joined", 8)]


def test_dates_are_read_once_the_repair_is_chosen():
    read = table(line(**US), line(card="C00124", born="12/30/2007", joined=""), repairs=[RepairKind.US_DATES])
    assert [(row["born"], row["joined"]) for row in read.rows] == [("2008-03-04", "2026-01-15"), ("2007-12-30", "")]
    assert "Dates in US form were read as month/day/year. (3/4/2008 → 2008-03-04)" in read.notices


@pytest.mark.parametrize(
    "others",
    [
        [line(card="C00124")],
        [line(card="C00124", born="30/12/2007", joined="")],
        [line(card="C00124", born="3/4/08", joined="")],
        [line(card="C00124", born="4.3.2008", joined="")],
    ],
    ids=["ISO in the same column", "day first", "short year", "with dots"],
)
def test_dates_that_could_be_read_in_two_ways_are_never_repaired(others):
    read = table(line(**US), *others, repairs=list(RepairKind))
    assert read.rows[0].problems[0].cause is Cause.US_DATES
    assert not any(cause.offer or cause.is_repaired for cause in read.causes)


def test_without_a_day_above_12_nobody_knows():
    assert [cause.offer for cause in causes(line(born="3/4/2008"))] == [None]
    assert [cause.offer for cause in causes(line(born="3/4/2008"), line(card="C00124", born="3/14/2008"))] == [
        RepairKind.US_DATES
    ]


def test_damaged_letters_are_offered_and_right_ones_stay():
    lines = line(last_name="PeÃ±alver"), line(card="C00124", last_name="Peñalver")
    (cause,) = causes(*lines)
    assert (cause.offer, cause.repairs[0].preview) == (RepairKind.ENCODING, (("PeÃ±alver", "Peñalver"),))
    read = table(*lines, repairs=[RepairKind.ENCODING])
    assert [row["last_name"] for row in read.rows] == ["Peñalver", "Peñalver"]


def test_cells_read_as_empty_are_said_once_for_each_column():
    read = table(line(first_name="NULL"), line(card="C00124", first_name="N/A"), line(card="C00125"))
    assert read.notices == ("first_name: 2 cells say that there is no value (NULL, N/A). They were read as empty.",)


def test_a_cause_is_stored_and_comes_back():
    for cause in causes(line(**US, last_name="PeÃ±alver"), line(card="2.61E+10", born="39511")):
        assert FileCause.from_json(json.loads(json.dumps(cause.as_json()))) == cause


def test_the_most_rows_come_first():
    found = causes(line(branch="905"), line(card="1.5", branch="905"), line(card="1.5"), line(card="1.5"))
    assert [(cause.cause, cause.rows) for cause in found] == [(Cause.DECIMAL, 3), (Cause.LOST_ZEROS, 2)]
