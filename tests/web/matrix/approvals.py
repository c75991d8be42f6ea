"""Requests for approval: one's own, and those that one may answer."""

from scoreport.approvals.actions import ask
from scoreport.approvals.rules import ApprovalKind
from scoreport.organizations.queries import find
from tests.web.matrix import Asks
from tests.world import AT


def facts(world):
    """Pat asks the staff, Bea asks the managers of Birch."""
    birch = find("BIRCH-HIGH")
    what = "Do it", "It is needed."
    staff = ask(world.actor("pat"), kind=ApprovalKind.FILE_ROWS, subject=what[0], reason=what[1], parameters={}, at=AT)
    export = ask(
        world.actor("bea"), kind=ApprovalKind.ROSTER_EXPORT, subject=what[0], reason=what[1], parameters={},
        organization=birch.code, place=birch.place, at=AT,
    )  # fmt: skip
    return {"staff approval": staff.id, "Birch approval": export.id}


def asks(facts) -> Asks:
    """Return what the route can be asked for."""
    return {
        "approval": {
            "staff": (facts["staff approval"],),
            "Birch": (facts["Birch approval"],),
            "nobody": (999_999,),
        }
    }
