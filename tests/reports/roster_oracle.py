"""Which tests a roster shows, and in which order, worked out in Python."""

import pytest

from scoreport.lib.text import sort_key
from scoreport.reports.rules import Result, RosterQuery
from scoreport.scores.models import ClepResult
from scoreport.scores.rules import is_visible
from tests.reports.rosters import COLUMNS
from tests.world import AT

pytestmark = pytest.mark.django_db

# One roster serves all examples of a property: they only read it.
AS_READ: dict[str, list[object]] = {"gender": ["A", "F", "M"], "ethnicity": [4, 12, 9], "grade": [6, 7, 12]}
SILENT = {"U", 0, 10}
"""Codes for "No response", which is last in both directions."""


def points_of(test: ClepResult, at=AT) -> int | None:
    """Return what may be seen of a score, by the rule in Python."""
    is_canceled = test.canceled_on is not None
    seen = is_visible(
        is_current=test.is_current, score=test.score, released_at=test.released_at, is_canceled=is_canceled, at=at
    )
    return test.score if seen else None


def matches(test: ClepResult, query: RosterQuery, at=AT) -> bool:
    """Tell whether a test is asked for, in Python."""
    points = points_of(test, at)
    by_result = {
        Result.ANY: True,
        Result.RELEASED: points is not None,
        Result.WAITING: points is None and test.canceled_on is None,
        Result.CANCELED: test.canceled_on is not None,
        Result.AT_CUT: points is not None and points >= 50,
        Result.BELOW_CUT: points is not None and points < 50,
    }
    asks_scores = query.score_from is not None or query.score_to is not None
    words = sort_key(query.search).split()
    names = [test.sort_last, test.sort_first]
    return (
        test.is_current
        and test.year in query.years
        and by_result[query.result]
        and (not asks_scores or (points is not None and (query.score_from or 0) <= points <= (query.score_to or 99)))
        and (not query.exams or test.exam_code in query.exams)
        and (not query.grades or test.grade in query.grades)
        and (not query.genders or test.gender in query.genders)
        and (not query.ethnicities or test.ethnicity in query.ethnicities)
        and (not query.schools or test.school_id in query.schools)
        and (query.tested_from is None or test.tested_on >= query.tested_from)
        and (query.tested_to is None or test.tested_on <= query.tested_to)
        and (
            not query.search
            or test.ticket.lower().startswith(query.search.lower())
            or (bool(words) and all(any(word in name for name in names) for word in words))
        )
    )


def expected(tests, query: RosterQuery, at=AT, *, state: bool = False) -> list[int]:
    """Return the ids that a query asks for, in its order, in Python; in a state, equal ones stand by district."""
    wanted = [test for test in tests if matches(test, query, at)]
    fields = COLUMNS[query.sort].order
    by_district = state and query.sort not in {"first_name", "last_name", "registration_ticket_number"}

    def tie(test):
        return (test.district_id or 0, test.pk) if by_district else (test.pk,)

    if query.sort in {"score", "date_canceled", *AS_READ}:

        def value(test):
            if query.sort in AS_READ:
                return AS_READ[query.sort].index(code) if (code := getattr(test, fields[0])) not in SILENT else None
            return points_of(test, at) if query.sort == "score" else test.canceled_on

        having = [test for test in wanted if value(test) is not None]
        others = [test for test in wanted if value(test) is None]
        having.sort(key=lambda test: (value(test), *tie(test)), reverse=query.descending)
        others.sort(key=tie, reverse=query.descending)
        return [test.pk for test in having + others]
    wanted.sort(key=lambda test: (*(getattr(test, field) for field in fields), *tie(test)), reverse=query.descending)
    return [test.pk for test in wanted]
