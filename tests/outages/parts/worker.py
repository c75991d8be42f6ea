"""The worker: what people ask for waits, they are told so, and it is done once when a worker comes."""

import datetime as dt
from typing import Any

import pytest
from django.db.models.functions import Now
from django_tasks_db.models import DBTaskResult

from scoreport.access import job
from scoreport.cli.failed_jobs import failed
from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadState
from scoreport.jobs.recovery import recover
from scoreport.jobs.rules import ATTEMPTS, SILENT_AFTER
from scoreport.lib import mail
from scoreport.organizations import upkeep
from scoreport.outbox import delivery
from scoreport.outbox.actions import resume
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailState
from scoreport.reports.export import jobs
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import in_time, loaded, reads_go_on
from tests.outages.parts.disk import EXPORT, prepares
from tests.outages.parts.mail import TO, post
from tests.web.desk.pages import plain
from tests.world import AT

_NAME = "worker-1"


def asks(request: pytest.FixtureRequest) -> Any:
    """Ask for a prepared roster; return the person's browser."""
    prepares(request)
    amy = loaded(request)("amy")
    with in_time(3):
        assert amy.post(EXPORT, {"format": "csv"}).status_code == 302
    return amy


def waits(amy: Any) -> None:
    """Expect that the person reads that the file is being prepared, and reads everything else."""
    with in_time(3):
        page = plain(amy.get("/files/"))
        assert "Preparing" in page
        reads_go_on(amy)
    assert Download.objects.get().state == DownloadState.PREPARING


def done_once(amy: Any) -> None:
    """Expect one file that can be fetched."""
    ready = Download.objects.get()
    assert ready.state == DownloadState.READY
    content = amy.get(f"/files/{ready.secret}/content/")
    assert (content.status_code, len(content.getvalue())) == (200, ready.size)


@cell(
    "worker", "refuse", "recover",
    means="no worker runs (refuse), and one starts again (recover)",
    does="a roster is prepared, and an email is to be sent",
    holds="both wait, the page says so, pages go on; a worker that starts does each once",
    quick=("refuse",),
)  # fmt: skip
def nobody_works(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, postman = asks(request), request.getfixturevalue("postman")
    post()
    waits(amy)
    assert not postman.to(TO)
    run_tasks = request.getfixturevalue("run_tasks")
    run_tasks()
    run_tasks()
    done_once(amy)
    assert len(postman.to(TO)) == 1


@cell(
    "worker", "black-hole",
    means="a worker took the task and says nothing any more",
    does="a roster is prepared; a minute later another worker looks",
    holds="the page says that it is being prepared; another worker does it once; a third time it is given up",
)  # fmt: skip
def silent(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy = asks(request)
    task = next(one for one in DBTaskResult.objects.ready() if "export_roster" in one.task_path)
    task.claim(_NAME)
    waits(amy)
    assert recover(failed) == 0
    DBTaskResult.objects.filter(pk=task.pk).update(started_at=Now() - 2 * SILENT_AFTER)
    assert recover(failed) == 1
    request.getfixturevalue("run_tasks")()
    done_once(amy)
    hopeless: Any = DBTaskResult.objects.first()
    DBTaskResult.objects.filter(pk=hopeless.pk).update(
        status="RUNNING", worker_ids=[_NAME] * ATTEMPTS, started_at=Now() - 2 * SILENT_AFTER
    )
    recover(failed)
    hopeless.refresh_from_db()
    assert hopeless.status == "FAILED"


@cell(
    "worker", "slow",
    does="an email waits longer than ten minutes; the upkeep asks for it a second time",
    holds="it is sent once",
)  # fmt: skip
def late(cell: Cell, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("world")
    postman = request.getfixturevalue("postman")
    post()
    assert resume(job("upkeep"), at=AT + dt.timedelta(minutes=11)) == 1
    assert request.getfixturevalue("run_tasks")() >= 2
    assert len(postman.to(TO)) == 1


@cell(
    "worker", "reset",
    means="the worker is killed in the middle of a task",
    does="an email is sent and a roster is prepared",
    holds="the email is sent again with the same Message-ID, the roster is made once, no litter stays",
    quick=("reset",),
)  # fmt: skip
def killed(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, postman = asks(request), request.getfixturevalue("postman")
    number = post()
    real = mail.send

    def die(**message: Any) -> None:
        real(**message)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "send", die)
        with pytest.raises(KeyboardInterrupt):
            delivery.deliver(number, at=AT)
        patch.setattr(jobs, "csv_chunks", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            jobs.make(Download.objects.get().pk, at=AT)
    amy.post(f"/files/{Download.objects.get().secret}/again/")
    request.getfixturevalue("run_tasks")()
    done_once(amy)
    assert len({sent["Message-ID"] for sent in postman.to(TO)}) == 1
    assert len(postman.to(TO)) == 2
    assert Mail.objects.get(pk=number).state == MailState.SENT


@cell(
    "worker", "garbage",
    means="a task that raises whatever it does",
    does="an email whose values cannot be read is delivered before another one; the upkeep runs",
    holds="the other email is sent, the upkeep goes on, the bad one stays where the operator finds it",
)  # fmt: skip
def a_bad_task(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, postman = loaded(request)("amy"), request.getfixturevalue("postman")
    bad, good = post(), post()
    Mail.objects.filter(pk=bad).update(sealed="no seal at all")
    with pytest.raises(ValueError, match=r".*"):
        delivery.deliver(bad, at=AT)
    delivery.deliver(good, at=AT)
    upkeep.run(AT)
    assert len(postman.to(TO)) == 1
    assert Mail.objects.get(pk=bad).state == MailState.WAITING
    reads_go_on(amy)
