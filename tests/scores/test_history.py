"""The history of a test follows from the files that are not undone, in the order in which they were accepted."""

import datetime as dt

import pytest

from scoreport.scores.models import ClepResult
from scoreport.scores.queries import versions
from tests.scores.files import load, row, undo
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.mark.parametrize(
    ("scores", "undone", "history"),
    [
        (["40", "60"], None, [("40", False), ("60", True)]),
        (["40", "40"], None, [("40", True)]),
        # The third file said the same as the second, which is gone: it is the correction now.
        (["40", "60", "60"], 1, [("40", False), ("60", True)]),
        # And a correction between two files that say the same leaves no change behind.
        (["40", "60", "40"], 1, [("40", True)]),
        (["40", "60", "40"], None, [("40", False), ("60", False), ("40", True)]),
    ],
)
def test_only_the_files_that_changed_something_are_in_the_history(scores, undone, history):
    files = [load(row("T1", score=score), at=AT + dt.timedelta(minutes=n)) for n, score in enumerate(scores)]
    if undone is not None:
        undo(files[undone])
    student = ClepResult.objects.get(is_current=True).student_id
    said = versions(OPERATOR, student, AT + dt.timedelta(days=9), program="clep")
    assert [(str(one.points), one.is_current) for one in said] == history
