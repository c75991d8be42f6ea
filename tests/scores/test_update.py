"""An installation of the last version is updated by ``scoreport setup``: nothing is lost, and ``verify`` is clean."""

import json
import os
import subprocess
import sys

import pytest

from tests import processes, static_made
from tests.migrated import ROOT, environment

# With it the events of the samples were chained.
KEY = "made-up-key-of-the-samples-of-scoreport"


@pytest.fixture
def updated(tmp_path):
    """Update the database of the last version; return what is there then."""
    server = processes.server_of(environment().get("DATABASE_URL", ""))
    base = processes.Database(server, tmp_path, f"updated_{os.getpid()}")
    base.create()
    own = environment() | {
        "DATABASE_URL": base.url,
        "SCOREPORT_DATA_DIR": str(tmp_path / "data"),
        "AUDIT_KEY": KEY,
        "DJANGO_SETTINGS_MODULE": "scoreport.settings",
    }
    static_made.bring(tmp_path / "data")
    try:
        command = [sys.executable, "-m", "tests.scores.updated"]
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    finally:
        base.drop()
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.django_db
@pytest.mark.slow
def test_an_installation_of_the_last_version_is_updated(updated):
    assert updated["before"] == {
        "Checked files have their rows staged, other files none": ["file 4: 0 rows staged of 1; check it again"]
    }
    assert updated["files"] == [
        ["scores", "accepted", 1, 3],
        ["scores", "accepted", 2, 0],
        ["scores", "undone", 3, 1],
        ["scores", "checked", None, 1],
        ["organizations", "accepted", 0, 4],
        ["identifiers", "accepted", -1, 2],
    ]
    # The score that the second file left empty was pending; it is canceled since that file, in the totals too.
    assert updated["scores"] == [["T1", 51], ["T2", 57], ["T6", None]]
    assert updated["canceled"] == [["T6", "2026-11-23"]] * 2
    assert updated["students"] == 1
    assert ["can't be undone" in refusal for refusal in updated["refusals"]] == [True, True]
    assert updated["after"] == {}
