"""Reads of the queue and its workers; no arguments of jobs but the id of what they work on."""

from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.tasks import TaskResultStatus
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult, get_date_max

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.jobs.models import WorkerBeat
from scoreport.jobs.rules import ATTEMPTS, SILENT_AFTER, GivenUp, JobInfo, JobState, WorkerInfo, number_of

SHOWN: Final = 100
"""Jobs of each state that are listed at most."""


def jobs(actor: Actor, *, at: datetime) -> list[JobInfo]:
    """Return what failed, runs and waits, in this order; of each the newest, and no more than :data:`SHOWN`."""
    access.require(actor, Permission.JOB_HANDLE)
    rows: list[DBTaskResult[Any, Any]] = []
    for found in (_failed(), DBTaskResult.objects.running().order_by("started_at"), _ready()):
        rows += list(found[:SHOWN])
    return [_info(row, at) for row in rows]


def _failed() -> QuerySet[Any]:
    return DBTaskResult.objects.failed().order_by(F("finished_at").desc(nulls_last=True), "pk")


def _ready() -> QuerySet[Any]:
    """Return the waiting jobs in the order in which they run; the latest possible day means at once."""
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY).order_by("-priority", "enqueued_at", "pk")


def workers(actor: Actor) -> list[WorkerInfo]:
    """Return the workers of the last day, by name."""
    access.require(actor, Permission.JOB_HANDLE)
    rows = WorkerBeat.objects.annotate(now=Now()).order_by("name")
    return [
        WorkerInfo(row.name, row.queue, row.started_at, row.beat_at, is_alive=row.now - row.beat_at < SILENT_AFTER)
        for row in rows
    ]


def queues_with_worker() -> set[str]:
    """Return the queues that have a worker with a recent heartbeat; names nobody."""
    alive = WorkerBeat.objects.filter(beat_at__gte=Now() - SILENT_AFTER)
    return set(alive.values_list("queue", flat=True))


def _info(row: DBTaskResult[Any, Any], at: datetime) -> JobInfo:
    due_at = None if row.run_after == get_date_max() else row.run_after
    return JobInfo(
        id=row.pk,
        kind=row.task_path.rpartition(".")[2],
        number=number_of(row.args_kwargs),
        state=_state(row, due_at, at),
        queue=row.queue_name,
        enqueued_at=row.enqueued_at,
        due_at=due_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        worker=row.worker_ids[-1] if row.worker_ids else "",
        attempts=len(row.worker_ids),
        error=row.exception_class_path.rpartition(".")[2],
        reason=_reason(row),
    )


def _state(row: DBTaskResult[Any, Any], due_at: datetime | None, at: datetime) -> JobState:
    if row.status == TaskResultStatus.READY:
        return JobState.SCHEDULED if due_at and due_at > at else JobState.WAITING
    return JobState.RUNNING if row.status == TaskResultStatus.RUNNING else JobState.FAILED


def _reason(row: DBTaskResult[Any, Any]) -> str:
    """Return a sentence for people: what a refusal says. Any other error may name a student, so it is left out."""
    path = row.exception_class_path
    if path == f"{GivenUp.__module__}.{GivenUp.__qualname__}":
        return _("Its worker ended %(count)d times in the middle of it.") % {"count": ATTEMPTS}
    if not path.startswith("scoreport."):
        return ""
    try:
        known = import_string(path)
    except ImportError:
        return ""
    is_refusal = isinstance(known, type) and issubclass(known, Refused)
    return row.traceback.rpartition(f"{path}: ")[2].strip() if is_refusal else ""
