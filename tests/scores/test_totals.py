"""Totals are counted in SQL from what is stored; here they are counted in Python, step by step."""

import datetime as dt
import random
from collections import Counter, defaultdict

import pytest

from scoreport.organizations.queries import find
from scoreport.scores.models import ClepResult, Total
from scoreport.scores.rules import NEVER
from tests.reports.rosters import count_again, store

pytestmark = pytest.mark.django_db

type Step = tuple[int, int, str, dt.datetime]
"""Organization, year, exam (empty: all together), release."""

PLACES = {"state_id": ("ST",), "district_id": ("D-ALDER", "D-BIRCH")}


def counted() -> dict[Step, tuple[int, int]]:
    """Count takers and tests of each organization, year, exam and step from the scores."""
    tests: Counter[Step] = Counter()
    firsts: defaultdict[tuple[int, int, str, int], list[dt.datetime]] = defaultdict(list)
    for column, codes in PLACES.items():
        for place in (find(code).id for code in codes):
            for score in ClepResult.objects.filter(is_current=True, **{column: place}):
                for exam in (score.exam_code, ""):
                    tests[place, score.year, exam, score.released_at or NEVER] += 1
                    if score.released_at:
                        firsts[place, score.year, exam, score.student_id].append(score.released_at)
    takers = Counter((*group[:3], min(steps)) for group, steps in firsts.items())
    return {key: (takers[key], number) for key, number in tests.items()}


@pytest.mark.parametrize("students", [3, 25, 90])
def test_takers_are_counted_once_whoever_takes_an_exam_again_or_moves(world, students):
    """Few students for many tests: they take exams twice in a day, in a year, and in two districts."""
    store()
    luck = random.Random(students)
    for pk in ClepResult.objects.order_by("pk").values_list("pk", flat=True):
        ClepResult.objects.filter(pk=pk).update(student_id=luck.randrange(students))
    count_again()
    kept = Total.objects.order_by("pk").values_list(
        "organization_id", "year", "exam_code", "released_at", "takers", "tests"
    )
    assert {row[:4]: row[4:] for row in kept} == counted()
