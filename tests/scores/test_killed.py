"""Work on score files may be killed at any statement: started again, it ends as if nothing had happened."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from tests.conftest import ROOT

# Trust, the battery: a hundred points on every run.
POINTS = 100


def run(folder, points: int, *more: str) -> dict[str, Any]:
    """Start the script that kills itself, on the database that the tests run on."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATABASE_URL_FILE"}
    }
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
        environment["DATABASE_URL"] = f"postgres://{user}@{given['HOST']}:{given['PORT'] or 5432}/postgres"
    command = [sys.executable, "-m", "tests.scores.killed", str(folder), str(points), *more]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_a_kill_at_any_statement_leaves_no_trace(tmp_path):
    found = run(tmp_path / "killed", POINTS)
    assert found["sound"]
    assert found["points"] == POINTS
    assert found["wrong"] == {}


@pytest.mark.slow
def test_half_an_acceptance_would_be_noticed(tmp_path):
    """The negative control: with an acceptance in two transactions, a kill between them shows."""
    found = run(tmp_path / "killed", 20, "--broken")
    assert found["sound"], "without a kill, two transactions are as good as one"
    assert found["wrong"]
