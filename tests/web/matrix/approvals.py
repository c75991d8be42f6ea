"""Requests for approval: one's own, and those that one may answer."""

from scoreport.approvals.actions import ask
from scoreport.approvals.rules import ApprovalKind
from scoreport.organizations.queries import find
from tests.web.matrix import Asks
from tests.world import AT


def facts(world):
    """Pat asks the staff, Bea asks the managers of Birch."""
    common = {"subject": "Do it", "reason": "It is needed.", "parameters": {}, "at": AT}
    birch = find("BIRCH-HIGH")
    staff = ask(world.actor("pat"), kind=ApprovalKind.FILE_ROWS, **common)
    export = ask(
        world.actor("bea"), kind=ApprovalKind.ROSTER_EXPORT, organization=birch.code, place=birch.place, **common
    )
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
