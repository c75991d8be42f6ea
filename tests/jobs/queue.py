"""Jobs and workers as tests of the queue need them."""

from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.tasks import task
from django_tasks_db.models import DBTaskResult

from scoreport.cli.failed_jobs import failed
from scoreport.jobs import recovery
from scoreport.jobs.models import WorkerBeat
from scoreport.jobs.rules import GivenUp
from scoreport.reports.tasks import export_roster
from scoreport.scores.tasks import accept_file, check_file


@task()
def add(one: int, other: int) -> int:
    return one + other


@task()
def break_down(message: str) -> None:
    raise ValueError(message)


def claimed(worker: str, *, times: int = 1, silent: int | None = None) -> DBTaskResult:
    """Return a job that a worker has taken so many times and that nobody ends; ``silent`` is seconds without a beat."""
    add.enqueue(1, 2)
    row = DBTaskResult.objects.latest("enqueued_at")
    for _time in range(times):
        row.claim(worker)
    if silent is not None:
        beat(worker, silent)
    return row


def beat(worker: str, silent: int = 0) -> None:
    """Let a worker have said that it runs so many seconds ago."""
    ago = Now() - timedelta(seconds=silent)
    WorkerBeat.objects.update_or_create(name=worker, defaults={"queue": "default", "beat_at": ago, "started_at": ago})


def failing(error: Exception, *arguments: object, task=check_file) -> DBTaskResult:
    """Return a job that failed with an error."""
    task.enqueue(*(arguments or (12, "pat")))
    job = DBTaskResult.objects.latest("enqueued_at")
    job.claim("one")
    recovery.fail(job, failed, error)
    return job


def in_each_state(at: datetime) -> None:
    """Store jobs in each state, and two workers, one of which is dead."""
    failing(GivenUp("It ended"), 3, task=export_roster)
    failing(ValueError("x"))
    accept_file.enqueue(11, "pat")
    DBTaskResult.objects.latest("enqueued_at").claim("alder-1-9f3a22c1-77aa01bc")
    check_file.enqueue(14, "pat")
    check_file.using(run_after=at + timedelta(hours=1)).enqueue(15, "pat")
    beat("alder-1-9f3a22c1-77aa01bc")
    beat("alder-2-9f3a22c1-01bc77aa-mail", 600)
