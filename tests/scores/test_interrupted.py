"""Work on a file that was interrupted is taken up again, once, and only when it stands still."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from scoreport.imports import tasks
from scoreport.imports.models import ImportFile
from scoreport.scores import actions
from tests.scores.files import check, row, text
from tests.world import OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture
def enqueued(monkeypatch):
    """Collect what is enqueued."""
    found: list[tuple[str, int]] = []
    for name in ("check_file", "accept_file", "undo_file"):
        task = getattr(tasks, name)
        fake = type("Task", (), {"enqueue": lambda _self, file, _by, name=name: found.append((name, file))})()
        assert task.enqueue
        monkeypatch.setattr(tasks, name, fake)
    return found


@pytest.mark.parametrize(
    ("state", "task"),
    [
        ("received", "check_file"),
        ("checking", "check_file"),
        ("accepting", "accept_file"),
        ("undoing", "undo_file"),
    ],
)
def test_what_stands_still_is_taken_up_once(enqueued, state, task):
    file = check(text(row("T1")))
    ImportFile.objects.filter(pk=file.pk).update(state=state, worked_at=Now() - timedelta(hours=1))
    assert actions.resume_interrupted(OPERATOR) == 1
    assert actions.resume_interrupted(OPERATOR) == 0
    assert enqueued == [(task, file.pk)]


def test_what_somebody_works_on_is_left_alone(enqueued):
    file = check(text(row("T1")))
    ImportFile.objects.filter(pk=file.pk).update(state="accepting")
    assert actions.resume_interrupted(OPERATOR) == 0
    assert enqueued == []
