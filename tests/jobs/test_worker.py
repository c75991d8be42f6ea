"""What a worker does with a job: end it, fail it, or leave it to the next attempt."""

import signal

import pytest
from django.db import OperationalError
from django.tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from scoreport.jobs.worker import PatientWorker
from tests.jobs.queue import add, break_down

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marked():
    return []


@pytest.fixture
def worker(marked):
    return PatientWorker("one", failed=lambda task, error: marked.append(str(error)), batch=True)


def test_a_job_is_done_and_its_answer_stored(worker):
    add.enqueue(1, 2)
    worker.run()
    job = DBTaskResult.objects.get()
    assert (job.status, job.return_value, job.worker_ids) == (TaskResultStatus.SUCCESSFUL, 3, ["one"])


def test_an_error_fails_the_job_and_marks_what_it_worked_on(worker, marked):
    break_down.enqueue("no such thing")
    add.enqueue(1, 2)
    worker.run()
    failed, done = DBTaskResult.objects.order_by("enqueued_at")
    assert (failed.status, failed.exception_class_path) == (TaskResultStatus.FAILED, "builtins.ValueError")
    assert "no such thing" in failed.traceback
    assert marked == ["no such thing"]
    assert done.status == TaskResultStatus.SUCCESSFUL


def test_a_database_that_fails_in_the_middle_costs_an_attempt_and_not_the_job(worker, marked, monkeypatch):
    answers = [OperationalError("server closed the connection"), None, None]

    def call(row):
        if error := answers.pop(0):
            raise error
        return 3

    monkeypatch.setattr("scoreport.jobs.worker._call", call)
    add.enqueue(1, 2)
    worker.run()
    job = DBTaskResult.objects.get()
    assert (job.status, len(job.worker_ids)) == (TaskResultStatus.SUCCESSFUL, 2)
    assert not marked


def test_a_job_that_another_worker_has_taken_up_is_left_to_it(worker, monkeypatch, caplog):
    def call(row):
        DBTaskResult.objects.update(status=TaskResultStatus.READY)
        DBTaskResult.objects.get().claim("another")
        return 3

    monkeypatch.setattr("scoreport.jobs.worker._call", call)
    add.enqueue(1, 2)
    worker.run()
    job = DBTaskResult.objects.get()
    assert (job.status, job.worker_ids) == (TaskResultStatus.RUNNING, ["one", "another"])
    assert "taken up by another worker" in caplog.text


def test_a_worker_whose_connection_is_cut_comes_back_by_itself(worker, monkeypatch):
    """Here between two jobs; it had taken one, and says nothing of how that ended."""
    add.enqueue(1, 2)
    DBTaskResult.objects.get().claim("one")
    worker.batch = False
    parent = Worker.run
    tries = []

    def cut_once(self):
        tries.append(1)
        if len(tries) == 1:
            message = "terminating connection due to administrator command"
            raise OperationalError(message)
        self.batch = True
        parent(self)

    monkeypatch.setattr(Worker, "run", cut_once)
    monkeypatch.setattr("scoreport.jobs.worker._FIRST_PAUSE", 0)
    worker.run()
    assert len(tries) == 2
    assert DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL


def test_a_worker_finishes_its_job_however_often_it_is_told_to_end(worker):
    worker.running_task = True
    for _again in range(3):
        worker.shutdown(signal.SIGTERM, None)
    assert worker.running is False
    worker.running_task = False
    with pytest.raises(SystemExit):
        worker.shutdown(signal.SIGTERM, None)
