"""Where a request may go, until when it is answered, and what is kept of a text."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib.business_days import is_business_day
from scoreport.support.rules.requests import (
    REOPENS_FOR,
    TRANSITIONS,
    Move,
    RequestState,
    after,
    due_on,
    id_of,
    local_path,
    number_of,
    tidy,
)
from tests.world import AT

OPEN, ANSWERED, CLOSED = RequestState
LATER = AT + REOPENS_FOR


def test_every_move_is_in_the_table():
    assert set(TRANSITIONS) == set(Move)


@pytest.mark.parametrize(("state", "move"), [*itertools.product(RequestState, Move)])
def test_the_table_is_the_one_that_was_agreed(state, move):
    agreed = {
        (OPEN, Move.ANSWER): ANSWERED,
        (OPEN, Move.CLOSE): CLOSED,
        (OPEN, Move.REPLY): OPEN,
        (ANSWERED, Move.ANSWER): ANSWERED,
        (ANSWERED, Move.CLOSE): CLOSED,
        (ANSWERED, Move.SETTLE): CLOSED,
        (ANSWERED, Move.REPLY): OPEN,
        (CLOSED, Move.REPLY): OPEN,
        (CLOSED, Move.REOPEN): OPEN,
    }
    assert after(state, move, closed_at=AT, at=AT) == agreed.get((state, move))


@given(st.lists(st.tuples(st.sampled_from(Move), st.integers(0, 40 * 86_400)), max_size=30))
def test_whatever_happens_a_closed_request_opens_within_thirty_days_only(steps):
    state, at = OPEN, AT
    closed_at: dt.datetime | None = None
    for move, seconds in steps:
        at += dt.timedelta(seconds=seconds)
        target = after(state, move, closed_at=closed_at, at=at)
        if state is CLOSED:
            assert closed_at is not None
            assert (target is not None) == (move in {Move.REPLY, Move.REOPEN} and at - closed_at < REOPENS_FOR)
            assert target in {None, OPEN}
        if target is CLOSED and move is Move.SETTLE:
            assert state is ANSWERED
        closed_at = at if target is CLOSED else closed_at if target is None else None
        state = target or state
        assert (state is CLOSED) == (closed_at is not None)


def test_the_thirtieth_day_is_the_last_one():
    just = LATER - dt.timedelta(seconds=1)
    assert after(CLOSED, Move.REOPEN, closed_at=AT, at=just) is OPEN
    assert after(CLOSED, Move.REOPEN, closed_at=AT, at=LATER) is None
    assert after(CLOSED, Move.REPLY, closed_at=AT, at=LATER) is None


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-16", "2026-11-18"),  # Monday
        ("2026-11-19", "2026-11-23"),  # Thursday: over a weekend
        ("2026-11-20", "2026-11-24"),  # Friday
        ("2026-11-21", "2026-11-24"),  # Saturday
        ("2026-11-24", "2026-11-27"),  # Tuesday before Thanksgiving
        ("2026-12-31", "2027-01-05"),  # over New Year and a weekend
        ("2027-07-01", "2027-07-06"),  # 4 July is a Sunday, so Monday is off
        ("2026-10-08", "2026-10-13"),  # Columbus Day is a Monday
    ],
)
def test_an_answer_is_due_after_two_business_days(asked, due):
    assert due_on(dt.date.fromisoformat(asked), 2) == dt.date.fromisoformat(due)


@given(st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31)), st.integers(1, 15))
def test_a_due_day_has_so_many_business_days_before_it(asked, days):
    due = due_on(asked, days)
    between = (asked + dt.timedelta(days=n) for n in range(1, (due - asked).days + 1))
    assert is_business_day(due)
    assert sum(map(is_business_day, between)) == days


def test_numbers_are_four_digits_and_lead_back():
    assert number_of(1) == 1001
    assert id_of(number_of(77)) == 77


@given(st.text())
def test_a_text_is_tidy_once_it_was_tidied(text):
    assert tidy(tidy(text)) == tidy(text)


def test_lines_stay_and_tricks_go():
    assert tidy(" \n\nOne\u202e line\x00 \r\n\n\n\nTwo  words\n\n") == "One line\n\nTwo words"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/reports/clep/470001/2025-2026/?q=Lopez#top", "/reports/clep/470001/2025-2026/"),
        ("/", "/"),
        ("//evil.example/x", ""),
        ("https://evil.example/", ""),
        ("/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("/" + "x" * 300, ""),
        ("", ""),
    ],
)
def test_only_the_path_of_a_page_of_ours_is_kept(address, kept):
    assert local_path(address) == kept
