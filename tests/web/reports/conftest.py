"""Scores in the world, and pages read back as a person reads them."""

import pytest

from tests.reports import rosters

# An essay of this exam is read by the program, and these wait for that.
WAITS = {"exam_code": "91", "exam_subject": "", "score": "", "date_scored": ""}


@pytest.fixture
def scores(world):
    """Load 160 tests of Alder's two schools, of Birch and of nobody, over three academic years."""
    rosters.store()
    return world
