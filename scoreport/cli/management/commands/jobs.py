"""``scoreport jobs``."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.jobs import queries
from scoreport.jobs.actions import retry
from scoreport.jobs.rules import JobInfo, JobState, WorkerInfo
from scoreport.web.desk import job_labels


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = "List the background jobs that failed, run and wait, and the workers. With --retry, try a failed job again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the jobs and the workers as JSON.")
        parser.add_argument("--retry", type=UUID, metavar="ID", help="Try this failed job again.")

    def run(self, **options: Any) -> str:
        """List, or try one again."""
        if job_id := options["retry"]:
            retry(self.actor, job_id=job_id, at=self.at)
            if not options["json"]:
                return _("The job will be tried again.")
        jobs = queries.jobs(self.actor, at=self.at)
        workers = queries.workers(self.actor)
        if options["json"]:
            self.print_json({"jobs": [_job(job) for job in jobs], "workers": [_worker(one) for one in workers]})
        else:
            for job in jobs:
                reason = f": {job_labels.reason(job)}" if job.state is JobState.FAILED else ""
                self.stdout.write(f"  {job.id}  {job.state:<9}  {job_labels.title(job)}{reason}")
        counts = {state.value: sum(job.state is state for job in jobs) for state in JobState}
        message = _(
            "%(failed)d failed, %(running)d running, %(waiting)d waiting, %(scheduled)d scheduled;"
            " workers running: %(workers)d."
        )
        return message % {**counts, "workers": sum(one.is_alive for one in workers)}


def _job(job: JobInfo) -> dict[str, object]:
    return {
        "id": str(job.id),
        "kind": job.kind,
        "number": job.number,
        "state": job.state.value,
        "queue": job.queue,
        "enqueued_at": job.enqueued_at.isoformat(),
        "due_at": job.due_at.isoformat() if job.due_at else None,
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "worker": job.worker,
        "attempts": job.attempts,
        "error": job.error,
        "reason": job.reason,
    }


def _worker(worker: WorkerInfo) -> dict[str, object]:
    return {
        "name": worker.name,
        "queue": worker.queue,
        "started_at": worker.started_at.isoformat(),
        "beat_at": worker.beat_at.isoformat(),
        "alive": worker.is_alive,
    }
