"""Trying a failed job again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult, get_date_max

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.jobs.rules import number_of


class UnknownJob(NotFound):
    """There is no such job."""


class NotFailed(Refused):
    """Only a failed job can be tried again."""


def retry(actor: Actor, *, job_id: UUID, at: datetime) -> None:
    """Have a failed job done again, with all of its attempts. Raises :class:`UnknownJob` and :class:`NotFailed`."""
    access.require(actor, Permission.JOB_HANDLE)
    row: DBTaskResult[Any, Any] | None = DBTaskResult.objects.filter(pk=job_id).first()
    if row is None:
        raise UnknownJob(_("There is no such job."))
    with transaction.atomic():
        failed = DBTaskResult.objects.filter(pk=job_id, status=TaskResultStatus.FAILED)
        changed = failed.update(
            status=TaskResultStatus.READY,
            worker_ids=[],
            started_at=None,
            finished_at=None,
            run_after=get_date_max(),
            exception_class_path="",
            traceback="",
        )
        if not changed:
            raise NotFailed(_("This job hasn't failed, so there is nothing to try again. Reload the list."))
        record(
            actor, verb=Verb.JOB_RETRIED, at=at, subject_kind="job", subject=str(job_id),
            job=row.task_path.rpartition(".")[2], number=number_of(row.args_kwargs),
        )  # fmt: skip
