"""Jobs of workers that are gone: each is made ready again once, or failed when it has ended too many workers."""

import logging
from collections.abc import Callable
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from scoreport.jobs.models import WorkerBeat
from scoreport.jobs.rules import ATTEMPTS, SILENT_AFTER, GivenUp

Task = DBTaskResult[Any, Any]
Failed = Callable[[Task, BaseException], None]
"""Called with a job that failed and why, so that what it worked on doesn't look as if it were still in progress."""

_logger = logging.getLogger(__name__)


def recover(failed: Failed) -> int:
    """Make the jobs ready again whose workers have been silent for a minute; return how many were taken up."""
    alive = set(WorkerBeat.objects.filter(beat_at__gte=Now() - SILENT_AFTER).values_list("name", flat=True))
    dropped = [task for task in DBTaskResult.objects.running() if worker_of(task) not in alive]
    return sum(_take(task, failed, is_gone=False) for task in dropped)


def recover_own(name: str, failed: Failed) -> int:
    """Make the jobs ready again of an earlier process of this name, which has ended; return how many were taken up."""
    dropped = [task for task in DBTaskResult.objects.running() if worker_of(task) == name]
    return sum(_take(task, failed, is_gone=True) for task in dropped)


def worker_of(task: Task) -> str:
    """Return the name of the worker that had a job last."""
    return task.worker_ids[-1] if task.worker_ids else ""


def _take(task: Task, failed: Failed, *, is_gone: bool) -> bool:
    """Take a job from its worker; False when another worker was first, or its own one is alive after all.

    Removing the row of the worker is what only one can do. Then the job is as it was seen, or nothing is changed.
    """
    seen = DBTaskResult.objects.filter(pk=task.pk, status=TaskResultStatus.RUNNING, started_at=task.started_at)
    with transaction.atomic():
        beats = WorkerBeat.objects.filter(name=worker_of(task))
        if not is_gone and beats.exists():
            if not beats.filter(beat_at__lt=Now() - SILENT_AFTER).delete()[0]:
                return False
        elif not is_gone:
            # Its worker has no row: it ended in order, or is of an earlier version of Scoreport.
            seen = seen.filter(started_at__lt=Now() - SILENT_AFTER)
        return put_back(task, failed, GivenUp(f"Its worker ended {ATTEMPTS} times in the middle of it."), seen=seen)


def put_back(task: Task, failed: Failed, error: BaseException, *, seen: Any = None) -> bool:
    """Make a running job ready for another attempt, or fail it with ``error`` after the last one."""
    rows = of_this_attempt(task) if seen is None else seen
    if len(task.worker_ids) < ATTEMPTS:
        _logger.warning("Job %s of worker %s is made ready again", task.pk, worker_of(task))
        return bool(rows.update(status=TaskResultStatus.READY))
    return fail(task, failed, error, seen=rows)


def of_this_attempt(task: Task) -> Any:
    """Return the row of a job while it is running and nobody has taken it up since."""
    return DBTaskResult.objects.filter(pk=task.pk, status=TaskResultStatus.RUNNING, started_at=task.started_at)


def fail(task: Task, failed: Failed, error: BaseException, *, seen: Any = None) -> bool:
    """Fail a job with an error; False when it was taken up meanwhile."""
    rows = of_this_attempt(task) if seen is None else seen
    with transaction.atomic():
        ended = rows.update(
            status=TaskResultStatus.FAILED,
            finished_at=Now(),
            return_value=None,
            exception_class_path=f"{type(error).__module__}.{type(error).__qualname__}",
            traceback="".join(format_exception(error)),
        )
        if ended:
            _tell(task, failed, error)
    return bool(ended)


def _tell(task: Task, failed: Failed, error: BaseException) -> None:
    try:
        with transaction.atomic():
            failed(task, error)
    except Exception:
        # The job has failed either way, and that must be stored. The log has what went wrong beside it.
        _logger.exception("What job %s worked on could not be marked as failed", task.pk)
