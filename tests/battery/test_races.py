"""The battery's races, in a small size: nothing deviates, and without the guards something does."""

import subprocess
import sys

import pytest
from django.db import connection

from tests import processes
from tests.battery.__main__ import main
from tests.migrated import ROOT, environment

pytestmark = pytest.mark.slow


@pytest.fixture
def races(migrated):
    """Return a function that runs ``python -m tests.battery races`` and returns how it ended and its last line."""

    def race(*arguments: object) -> tuple[int, str]:
        command = [sys.executable, "-m", "tests.battery", "races", *map(str, arguments)]
        own = environment() | {processes.MIGRATED: migrated}
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - our own script
        assert done.stdout, done.stderr[-4000:]
        return done.returncode, done.stdout.splitlines()[-1]

    return race


@pytest.mark.parametrize("what", ["codes", "invitations", "managers"])
def test_nothing_deviates(races, what):
    code, last = races("--people", 4, "--rounds", 2, "--race", what)
    assert (code, last.rpartition(", ")[2]) == (0, "0 deviations")
    assert last.startswith(f"races of {what}: 2 rounds, 4 people, ")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, with or without the guards")
@pytest.mark.parametrize("what", ["codes", "invitations", "managers"])
def test_without_the_guards_something_deviates(races, what):
    code, last = races("--people", 24, "--rounds", 6, "--race", what, "--unguarded")
    assert code == 1
    assert ", without the guards: " in last


def test_a_part_that_is_not_there_is_told(capsys):
    assert main(["nothing"]) == 2
    assert "races" in capsys.readouterr().err
