"""A worker may be killed at any statement of a job: a worker with another name finishes it, and nothing twice."""

import pytest

# Each is a copy of a database, so that they are spread over the statements of a job.
POINTS = 12
JOBS = {
    "check": "check_file",
    "accept": "accept_file",
    "undo": "undo_file",
    "export": "export_roster",
}


@pytest.mark.slow
@pytest.mark.parametrize("job", JOBS)
def test_another_worker_finishes_the_job_of_a_killed_one(script, job):
    found = script("tests.jobs.killed", POINTS, job)
    assert found["done"] == [[JOBS[job], "SUCCESSFUL"]]
    assert found["points"] > 5
    assert found["wrong"] == {}


@pytest.mark.slow
def test_a_job_that_nobody_takes_up_would_be_noticed(script):
    """The negative control: while the dead worker counts as alive, its job is left unfinished."""
    assert script("tests.jobs.killed", 4, "check", "--broken")["wrong"]
