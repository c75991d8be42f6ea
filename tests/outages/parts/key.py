"""The file of the audit key: Scoreport starts with the right key, or says which file is wrong, and never hangs."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from scoreport.access import Role
from scoreport.audit import anchors
from scoreport.audit.queries import broken_links
from scoreport.lib.environment import env
from scoreport.lib.key_files import kept_secret
from scoreport.organizations import upkeep
from scoreport.organizations.actions import grant_role, revoke_role
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import in_time, loaded, reads_go_on
from tests.world import AT, OPERATOR


def put(request: pytest.FixtureRequest) -> Path:
    """Keep the key of the tests in a file, as the data folder does."""
    path = Path(request.getfixturevalue("tmp_path")) / "audit_key"
    path.write_text(request.getfixturevalue("settings").AUDIT_KEY)
    return path


def acts(role: Role = Role.SUMMARY_REPORTS) -> None:
    """Do something that is recorded."""
    grant_role(OPERATOR, email="nora@juniper.example", organization="ALDER-HIGH", role=role, at=AT)


def spoil(state: str, path: Path) -> None:
    """Make the file what a program cannot read."""
    path.unlink()
    if state == "refuse":
        # Nobody can read it, root neither.
        path.symlink_to(path)
    elif state == "black-hole":
        os.mkfifo(path)
    else:
        path.write_bytes(b"\xff\xfe\x00" * 30)


@cell(
    "key", "refuse", "black-hole", "garbage",
    means="not readable (refuse), a pipe that nobody writes into (black-hole), no text (garbage)",
    does="the operator starts Scoreport",
    holds="it does not start, at once, and the sentence names the file; no other key is drawn",
    quick=("refuse", "black-hole"),
)  # fmt: skip
def names_the_file(cell: Cell, request: pytest.FixtureRequest) -> None:
    path = put(request)
    spoil(cell.state, path)
    with in_time(1), pytest.raises(ImproperlyConfigured, match="audit_key"):
        kept_secret(path)
    assert [one.name for one in path.parent.iterdir() if one.name.startswith("audit_key")] == ["audit_key"]
    if cell.state != "black-hole":
        request.getfixturevalue("monkeypatch").setenv("AUDIT_KEY_FILE", str(path))
        with pytest.raises(ImproperlyConfigured, match="AUDIT_KEY_FILE"):
            env("AUDIT_KEY")


@cell(
    "key", "slow",
    means="gone while Scoreport runs",
    does="people act and read",
    holds="what they do is recorded with the key that was read at the start",
)  # fmt: skip
def it_runs_on(cell: Cell, request: pytest.FixtureRequest) -> None:
    path = put(request)
    amy = loaded(request)("amy")
    path.unlink()
    acts()
    reads_go_on(amy)
    assert not list(broken_links())


@cell(
    "key", "reset",
    means="gone, and Scoreport was started without it: a new key is drawn",
    does="people act; the daily upkeep runs; the operator verifies",
    holds="the upkeep counts every event of the old key as wrong, and so does verify: nothing passes for checked",
    quick=("reset",),
)  # fmt: skip
def it_is_noticed(cell: Cell, request: pytest.FixtureRequest) -> None:
    settings, path = request.getfixturevalue("settings"), put(request)
    loaded(request)
    upkeep.run(AT)
    acts()
    path.unlink()
    settings.AUDIT_KEY = kept_secret(path)
    revoke_one()
    assert upkeep.run(AT + dt.timedelta(days=1)).events_wrong >= 1
    assert list(broken_links())


def revoke_one() -> Any:
    """Record one more event."""
    return revoke_role(
        OPERATOR, email="nora@juniper.example", organization="ALDER-HIGH", role=Role.SUMMARY_REPORTS, at=AT
    )  # fmt: skip


@cell(
    "key", "recover",
    does="the operator puts the copy of the key back, and the drawn one into AUDIT_KEY_FALLBACKS",
    holds="every event is right again, those of the time between too",
)  # fmt: skip
def it_is_put_back(cell: Cell, request: pytest.FixtureRequest) -> None:
    settings, path = request.getfixturevalue("settings"), put(request)
    loaded(request)
    copy = path.read_text()
    acts()
    path.unlink()
    drawn = kept_secret(path)
    settings.AUDIT_KEY = drawn
    revoke_one()
    path.write_text(copy)
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = kept_secret(path), [drawn]
    acts(Role.DETAILED_REPORTS)
    assert not list(broken_links())
    upkeep.run(AT)
    assert anchors.last_noted() is not None
