"""A roster with everything in it that an order, a filter or a guard could get wrong."""

import datetime as dt
import random

from scoreport.organizations.queries import find
from scoreport.programs.catalog import program
from scoreport.reports.rules import RosterQuery, definition_of
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from scoreport.scores.totals import Key, recompute
from tests.scores.files import load, row
from tests.world import AT, FORMULA, OPERATOR

DEFINITION = definition_of("clep")
COLUMNS = DEFINITION.by_key
ALL_COLUMNS = DEFINITION.keys
BANDS = DEFINITION.main.ranges
NAMES = (
    ("Ana", "Lopez"), ("Ána", "López"), ("ana", "LOPEZ"), ("José Ángel", "De León"), ("Jean-Luc", "O’Brien"),
    ("Mei", "Ōkami"), ("", "Sukarno"), (FORMULA, "Plain"), ("Zoë", "=1+1"), ("Лев", "Толстой"), ("Bo", "%off"),
    ("Comma, Jr.", 'Quo"te'), ("Todd", "Abbott"),
)  # fmt: skip
CENTERS = (("4011", "Blue Ridge Community College", "Blue Ridge"), ("9998", "Remote", "+Remote"), ("", "", ""))
EXAMS = ("18", "30", "80", "77", "91", "77W")
ESSAYS = frozenset({"91", "77W"})
TODAY = dt.date(2026, 11, 20)
YEARS = (2026, 2025, 2024)


def rows(count: int = 160, seed: int = 1) -> list[dict[str, str]]:
    """Return rows of Alder's two schools, of Birch and of nobody, many of them alike in what they are sorted by."""
    luck = random.Random(seed)
    found = []
    for number in range(count):
        first, last = luck.choice(NAMES)
        exam = luck.choice(EXAMS)
        tested = TODAY - dt.timedelta(days=luck.choice((0, 0, 1, 3, 10, 30, 200, 300, 400, 700)))
        waits = exam in ESSAYS and (TODAY - tested).days < 100 and luck.random() < 0.7
        center = luck.choice(CENTERS)
        scored = min(TODAY, tested + dt.timedelta(days=luck.choice((0, 15)))) if exam in ESSAYS else tested
        found.append(
            row(
                f"T{number:04}",
                first_name=first,
                last_name=last,
                gender=luck.choice("FMAU"),
                ethnicity=luck.choice(("0", "4", "9", "12")),
                date_of_birth=luck.choice(("2008-04-05", "2009-01-31")),
                grade=luck.choice(("6", "7", "10", "12")),
                ai_code=luck.choice(("470001", "470001", "470001", "000905", "470101", "")),
                date_registered=(tested - dt.timedelta(days=luck.choice((0, 9)))).isoformat(),
                date_tested=tested.isoformat(),
                test_center_code=center[0],
                test_center_name=center[1],
                test_center_city=center[2],
                exam_code=exam,
                exam_subject="",
                score="" if waits else str(luck.choice((20, 49, 50, 51, 51, 80))),
                date_scored="" if waits else scored.isoformat(),
            )
        )
    return found


def store(count: int = 160, seed: int = 1) -> None:
    """Load them."""
    file = load(*rows(count, seed))
    assert file.rows_refused == 0
    assert file.rows_new == count


def cancel(every: int = 9) -> int:
    """Withdraw the scores of some tests, released ones and others, on different days; return how many."""
    tickets = list(ClepResult.objects.filter(is_current=True).order_by("ticket").values_list("ticket", flat=True))[
        ::every
    ]
    for number, ticket in enumerate(tickets):
        at = AT - dt.timedelta(days=number % 5)
        actions.withdraw_score(OPERATOR, program="clep", ticket=ticket, reason="Under review.", at=at)
    return len(tickets)


def all_years(**changes) -> RosterQuery:
    """Return a query of all the years that the rows are of."""
    return RosterQuery("clep", years=YEARS, **changes)


def unreleased(at: dt.datetime) -> list[ClepResult]:
    """Return the tests whose scores may not be seen."""
    return [test for test in ClepResult.objects.order_by("id") if test.released_at is None or test.released_at > at]


def count_again() -> None:
    """Count all totals anew."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for column, code in (("state_id", "ST"), ("district_id", "D-ALDER"), ("district_id", "D-BIRCH")):
            recompute(cursor, [Key("clep", column, find(code).id, year) for year in YEARS])


def exam_titles() -> dict[str, str]:
    """Return the titles of all exams by code."""
    return {exam.code: exam.title for exam in program("clep").exams}
