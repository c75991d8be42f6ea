"""Of several program staff who begin one support access at once, exactly one has it, on both databases."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.conftest import ROOT

ROUNDS = 12


def begun(folder, *options):
    """Run the rounds in processes of their own; on the server of the tests where that is PostgreSQL."""
    environment = dict(os.environ)
    if connection.vendor == "postgresql":
        given = connection.settings_dict
        user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
        environment["DATABASE_URL"] = f"postgres://{user}@{given['HOST']}:{given['PORT'] or 5432}/postgres"
    else:
        environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.organizations.begun_at_once", str(folder), str(ROUNDS), *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_exactly_one_has_it(tmp_path):
    assert begun(tmp_path / "right") == {"won": [1] * ROUNDS, "held": ROUNDS}


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time anyway")
def test_a_check_before_the_write_would_be_found(tmp_path):
    assert max(begun(tmp_path / "wrong", "--broken")["won"]) > 1
