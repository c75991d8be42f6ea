"""Background jobs: staff try a failed one again."""

from uuid import UUID

from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from tests.jobs.queue import add
from tests.web.matrix import Asks

NOBODYS = UUID(int=7)


def facts(world):
    """One job has failed."""
    add.enqueue(1, 2)
    job = DBTaskResult.objects.get(task_path=add.module_path)
    DBTaskResult.objects.filter(pk=job.pk).update(status=TaskResultStatus.FAILED)
    return {"job": job.pk}


def asks(facts) -> Asks:
    """Return what the route can be asked for."""
    return {"desk_job_retry": {"": (facts["job"],), "nobody": (NOBODYS,)}}
