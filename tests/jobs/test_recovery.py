"""A job whose worker is gone is made ready again once; one that ends its workers is failed with a reason."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from scoreport.cli.failed_jobs import failed
from scoreport.downloads.models import Download
from scoreport.imports import run
from scoreport.imports.models import ImportFile
from scoreport.jobs import recovery
from scoreport.jobs.models import WorkerBeat
from scoreport.jobs.rules import ATTEMPTS
from scoreport.scores import actions, tasks
from tests.jobs.queue import claimed
from tests.scores.files import check, load, row, text
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

NAME = "worker-of-another-machine"


def silently(_task, _error):
    """Mark nothing as failed."""


def status(job):
    job.refresh_from_db()
    return job.status


def test_a_job_is_taken_from_a_worker_after_a_minute_of_silence_and_only_once(run_tasks):
    job = claimed(NAME, silent=61)
    assert recovery.recover(silently) == 1
    assert recovery.recover(silently) == 0
    assert status(job) == TaskResultStatus.READY
    run_tasks()
    job.refresh_from_db()
    assert (job.status, job.return_value) == (TaskResultStatus.SUCCESSFUL, 3)


def test_a_worker_with_a_heartbeat_keeps_its_job():
    job = claimed(NAME, silent=55)
    assert recovery.recover(silently) == 0
    assert status(job) == TaskResultStatus.RUNNING


def test_a_job_of_a_worker_that_nobody_knows_waits_a_minute_from_its_start():
    job = claimed(NAME)
    assert recovery.recover(silently) == 0
    DBTaskResult.objects.update(started_at=Now() - timedelta(seconds=61))
    assert recovery.recover(silently) == 1
    assert status(job) == TaskResultStatus.READY


def test_of_two_workers_that_look_at_once_one_takes_the_job():
    """Both have seen the same silence; the second one acts when the first is done, and another worker has the job."""
    job = claimed(NAME, silent=61)
    seen_by_both = DBTaskResult.objects.get(pk=job.pk)
    assert recovery.recover(silently) == 1
    assert recovery._take(seen_by_both, silently, is_gone=False) is False
    DBTaskResult.objects.get(pk=job.pk).claim("another")
    assert recovery._take(seen_by_both, silently, is_gone=False) is False
    assert status(job) == TaskResultStatus.RUNNING


def test_a_beat_between_the_look_and_the_act_saves_the_job():
    job = claimed(NAME, silent=61)
    WorkerBeat.objects.update(beat_at=Now())
    assert recovery._take(job, silently, is_gone=False) is False
    assert status(job) == TaskResultStatus.RUNNING


def test_a_worker_that_starts_again_takes_up_its_own_job_at_once():
    job = claimed(NAME, silent=1)
    other = claimed("another", silent=1)
    assert recovery.recover_own(NAME, silently) == 1
    assert (status(job), status(other)) == (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    assert WorkerBeat.objects.filter(name=NAME).exists()


def test_attempts_count_whichever_workers_they_ended():
    job = claimed("one", times=ATTEMPTS - 1)
    job.claim(NAME)
    reasons = []
    DBTaskResult.objects.update(started_at=Now() - timedelta(seconds=61))
    assert recovery.recover(lambda task, error: reasons.append((task.pk, str(error)))) == 1
    assert status(job) == TaskResultStatus.FAILED
    assert job.exception_class_path == "scoreport.jobs.rules.GivenUp"
    assert reasons == [(job.pk, "Its worker ended 3 times in the middle of it.")]


def test_a_job_stays_failed_when_what_it_worked_on_cannot_be_marked():
    job = claimed(NAME, times=ATTEMPTS, silent=61)

    def breaks(_task, _error):
        raise LookupError

    recovery.recover(breaks)
    assert status(job) == TaskResultStatus.FAILED


# --- What a job leaves that is given up -------------------------------------------------------------------


def given_up():
    """Let the only job that is ready end its workers as often as it may."""
    job = DBTaskResult.objects.ready().get()
    for _time in range(ATTEMPTS):
        job.claim(NAME)
    recovery.recover_own(NAME, failed)
    assert status(job) == TaskResultStatus.FAILED


@pytest.mark.usefixtures("world")
def test_a_check_that_is_given_up_leaves_a_file_that_can_be_checked_again(run_tasks):
    number = actions.receive_file(OPERATOR, program="clep", name="a.csv", chunks=[text(row("T1"))], at=AT)
    ImportFile.objects.update(state="checking", rows_done=27_054)
    given_up()
    file = ImportFile.objects.get(pk=number)
    assert (file.state, "ended 3 times" in file.reason) == ("failed", True)
    actions.check_again(OPERATOR, file_id=number)
    run_tasks()
    assert ImportFile.objects.get(pk=number).state == "checked"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("before", "act"), [("checked", "accept_file"), ("accepted", "undo_file")])
def test_an_act_that_is_given_up_leaves_the_file_as_it_was(run_tasks, before, act):
    file = check(text(row("T1"))) if before == "checked" else load(row("T1"))
    getattr(actions, act)(OPERATOR, file_id=file.pk)
    given_up()
    file.refresh_from_db()
    assert (file.state, "ended 3 times" in file.reason) == (before, True)
    getattr(actions, act)(OPERATOR, file_id=file.pk)
    run_tasks()
    file.refresh_from_db()
    assert file.state == {"checked": "accepted", "accepted": "undone"}[before]


@pytest.mark.usefixtures("world")
def test_a_job_whose_work_is_done_already_does_nothing(run_tasks):
    """Its worker ended between the last word of the work and the last word of the job."""
    file = check(text(row("T1")))
    actions.accept_file(OPERATOR, file_id=file.pk)
    run_tasks()
    events = ImportFile.objects.values_list("accepted_order", "rows_new").get()
    for again in (tasks.accept_file, tasks.check_file):
        again.enqueue(file.pk, "pat")
        run_tasks()
    assert ImportFile.objects.values_list("accepted_order", "rows_new").get() == events
    assert ImportFile.objects.get().state == "accepted"


@pytest.mark.usefixtures("world")
def test_a_job_never_accepts_what_went_back_to_a_person():
    file = check(text(row("T1")))
    with pytest.raises(run.NotPossibleNow, match="decide again"):
        tasks.accept_file.call(file.pk, "pat")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("work", ["check", "accept", "undo"])
def test_a_worker_that_comes_too_late_changes_nothing(work, monkeypatch):
    """Another one has done the same work between its first and its last step."""
    file = {"check": lambda: check(text(row("T1"))), "accept": lambda: check(text(row("T1")))}.get(
        work, lambda: load(row("T1"))
    )()
    move = run.move

    def moved_then_done_by_another(number, to):
        mine = move(number, to)
        ImportFile.objects.filter(pk=number).update(state={"check": "checked"}.get(work, "undone"))
        return mine

    monkeypatch.setattr(run, "move", moved_then_done_by_another)
    with pytest.raises(run.NotPossibleNow, match="Another worker"):
        getattr(run, f"run_{work}")(OPERATOR, file.pk, at=AT)
    assert ImportFile.objects.get().state == {"check": "checked"}.get(work, "undone")


def test_an_export_that_is_given_up_says_so_and_its_job_can_run_again(rosters_export, run_tasks):
    given_up()
    assert Download.objects.get().state == "failed"
    DBTaskResult.objects.failed().update(status=TaskResultStatus.READY)
    run_tasks()
    assert Download.objects.get().state == "ready"
