"""The file of anchors: what cannot be written is not noted, and comes once when the file can be written."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from scoreport.access import Role
from scoreport.audit import anchors
from scoreport.audit.actions import AnchorNotWritten
from scoreport.audit.models import Anchor, Event
from scoreport.organizations import upkeep
from scoreport.organizations.actions import grant_role
from scoreport.scores.verify.storage import anchored
from tests.outages.cells import Cell, cell
from tests.outages.parts import disks
from tests.outages.parts.common import in_time, loaded, reads_go_on
from tests.world import AT, OPERATOR

DAY = dt.timedelta(days=1)


def file_of(request: pytest.FixtureRequest) -> Path:
    """Return where anchors are written."""
    return Path(request.getfixturevalue("settings").AUDIT_ANCHORS)


def findings() -> list[Any]:
    """Return what verify says of the anchors."""
    return [example for finding in anchored(AT) for example in finding.examples]


def acts() -> None:
    """Do something that is recorded."""
    before = Event.objects.count()
    grant_role(OPERATOR, email="nora@juniper.example", organization="ALDER-HIGH", role=Role.SUMMARY_REPORTS, at=AT)
    assert Event.objects.count() == before + 1


@cell(
    "anchors", "refuse", "black-hole", "reset", "recover",
    means="read-only (refuse), gone (black-hole), full in the middle of a line (reset), back again (recover)",
    does="the upkeep of the day runs; people act and read",
    holds="all else is done, no anchor is noted, no half line stays; then there is one anchor, and verify is clean",
    quick=("reset",),
)  # fmt: skip
def not_noted(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, file = loaded(request)("amy"), file_of(request)
    upkeep.run(AT)
    assert len(anchors.read(file).anchors) == 1
    bad = {
        "refuse": lambda: disks.read_only(file.parent),
        "black-hole": lambda: disks.gone(file.parent),
        "reset": lambda: disks.full(file.stat().st_size + 20),
        "recover": lambda: disks.gone(file.parent),
    }[cell.state]
    with bad():
        with in_time(), pytest.raises(AnchorNotWritten):
            upkeep.run(AT + DAY)
        acts()
        reads_go_on(amy)
    assert Anchor.objects.count() == 1
    assert findings() == []
    for _run in range(2):
        upkeep.run(AT + DAY + dt.timedelta(hours=1))
    assert len(anchors.read(file).anchors) == Anchor.objects.count() == 2
    assert findings() == []


@cell(
    "anchors", "slow",
    does="the upkeep of the day runs; people act and read",
    holds="the anchor is written; pages do not wait for it",
)  # fmt: skip
def later(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, file = loaded(request)("amy"), file_of(request)
    with disks.slow(file.parent, 1.0):
        upkeep.run(AT)
        with in_time(1):
            acts()
            reads_go_on(amy)
    assert len(anchors.read(file).anchors) == 1


@cell(
    "anchors", "garbage",
    means="other lines in the file than were written",
    does="the upkeep of the day runs; the operator verifies",
    holds="the next anchor is a line of its own, and verify names what is missing",
)  # fmt: skip
def named(cell: Cell, request: pytest.FixtureRequest) -> None:
    loaded(request)
    file = file_of(request)
    upkeep.run(AT)
    file.write_bytes(b'{"kind": "anchor"\n\x00\xff no line end')
    upkeep.run(AT + DAY)
    assert len(anchors.read(file).anchors) == 1
    assert len(findings()) == 2
