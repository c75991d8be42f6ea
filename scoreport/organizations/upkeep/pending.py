"""The next run of the upkeep: one task that waits, however many workers there are."""

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.tasks import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from scoreport.organizations.models import Notice

EVERY: Final = dt.timedelta(hours=1)
_KEY: Final = "upkeep"


def ensure(task: Task[Any, Any], *, not_before: dt.datetime, at: dt.datetime) -> bool:
    """Enqueue a task unless one waits already; tell whether that was needed.

    The row of a notice is the lock: of several workers that start at once, one enqueues.
    """
    with transaction.atomic():
        Notice.objects.get_or_create(key=_KEY, defaults={"at": at})
        Notice.objects.select_for_update().get(key=_KEY)
        waiting = DBTaskResult.objects.filter(task_path=task.module_path, status=TaskResultStatus.READY)
        if waiting.exists():
            return False
        task.using(run_after=not_before).enqueue()
    return True
