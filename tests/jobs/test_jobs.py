"""What runs, waits and failed: on the page, by command, and tried again."""

import datetime as dt
import json
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.tasks import TaskResultStatus

from scoreport.access import NotAllowed
from scoreport.audit.models import Event
from scoreport.imports.run import NotPossibleNow
from scoreport.jobs import actions, queries
from scoreport.jobs.rules import ATTEMPTS, GivenUp, JobState
from scoreport.scores.tasks import check_file
from tests.jobs.queue import add, beat, break_down, claimed, failing
from tests.web.desk.pages import plain, table
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

SECRET = "Canary, Ana"


def seen():
    return {job.kind: job for job in queries.jobs(OPERATOR, at=AT)}


def test_jobs_are_listed_by_what_they_do(client_for):
    add.enqueue(3, 4)
    check_file.using(run_after=AT + dt.timedelta(hours=1)).enqueue(7, "pat")
    claimed("two")
    failing(ValueError(SECRET), SECRET, task=break_down)
    states = [job.state for job in queries.jobs(OPERATOR, at=AT)]
    assert sorted(states) == sorted(JobState)
    assert states[0] is JobState.FAILED
    assert (seen()["check_file"].number, seen()["check_file"].due_at) == (7, AT + dt.timedelta(hours=1))
    lines = {line[1]: line for line in table(client_for("pat").get("/desk/jobs/"))}
    assert lines["Scheduled"][0] == "Check score file 7"
    assert set(lines) == {"Failed", "Running", "Waiting", "Scheduled"}


def test_what_an_error_says_is_shown_only_when_it_is_written_for_people(client_for, capsys):
    failing(ValueError(SECRET), SECRET, task=break_down)
    failing(NotPossibleNow("Open the file’s page."))
    failing(GivenUp("Its worker ended"), 1, 2, task=add)
    page = plain(client_for("pat").get("/desk/jobs/"))
    assert "Open the file’s page." in page
    assert f"Its worker ended {ATTEMPTS} times" in page
    assert "Something went wrong (ValueError). The log says more." in page
    call_command("jobs", json=True)
    printed = capsys.readouterr()
    assert SECRET not in page + printed.out + printed.err


def test_a_failed_job_is_tried_again_and_it_is_recorded(client_for, run_tasks):
    job = failing(GivenUp("x"), 1, 2, task=add)
    pat = client_for("pat")
    assert pat.get(f"/desk/jobs/{job.pk}/retry/").status_code == 405
    page = pat.post(f"/desk/jobs/{job.pk}/retry/", follow=True)
    assert "The job will be tried again." in plain(page)
    job.refresh_from_db()
    assert (job.status, job.worker_ids) == (TaskResultStatus.READY, [])
    event = Event.objects.get(verb="jobs:job:retried")
    assert (event.subject, event.detail["job"]) == (str(job.pk), "add")
    assert event.actor.startswith("Pat")
    assert "hasn't failed" in plain(pat.post(f"/desk/jobs/{job.pk}/retry/", follow=True))
    assert Event.objects.filter(verb="jobs:job:retried").count() == 1
    run_tasks()
    job.refresh_from_db()
    assert job.return_value == 3


def test_others_neither_see_nor_retry_jobs(world, client_for):
    job = failing(GivenUp("x"), 1, 2, task=add)
    for name in ("amy", "max", "sam"):
        with pytest.raises(NotAllowed):
            queries.jobs(world.actor(name), at=AT)
        with pytest.raises(NotAllowed):
            actions.retry(world.actor(name), job_id=job.pk, at=AT)
        assert client_for(name).post(f"/desk/jobs/{job.pk}/retry/").status_code == 403
    job.refresh_from_db()
    assert job.status == TaskResultStatus.FAILED


def test_the_page_says_whether_workers_run(client_for):
    assert "No worker is running" in plain(client_for("pat").get("/desk/jobs/"))
    beat("dead-one", 61)
    assert "No worker is running" in plain(client_for("pat").get("/desk/jobs/"))
    beat("living-one")
    page = plain(client_for("pat").get("/desk/jobs/"))
    assert "No worker is running" not in page
    assert "dead-one Stopped" in page
    assert "living-one Running" in page


def test_the_command_lists_jobs_and_workers(capsys):
    job = failing(NotPossibleNow("Open the page."))
    beat("living-one")
    call_command("jobs", json=True)
    told = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["state"], one["reason"]) for one in told["jobs"]] == [
        (str(job.pk), "failed", "Open the page.")
    ]
    assert [(one["name"], one["alive"]) for one in told["workers"]] == [("living-one", True)]
    call_command("jobs")
    assert f"{job.pk}  failed     Check score file 12: Open the page." in capsys.readouterr().out


def test_the_command_tries_a_job_again(capsys):
    job = failing(GivenUp("x"), 1, 2, task=add)
    call_command("jobs", retry=job.pk)
    job.refresh_from_db()
    assert job.status == TaskResultStatus.READY
    with pytest.raises(CommandError, match="hasn't failed"):
        call_command("jobs", retry=job.pk)
    with pytest.raises(CommandError, match="no such job"):
        call_command("jobs", retry=UUID(int=7))
