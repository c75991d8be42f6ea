"""Invitations of both towns, and the links that are open, cancelled and unknown."""

from scoreport.organizations.actions.invitations import cancel_invitation
from tests.organizations.invited import NORA, invited, token_of
from tests.web.matrix import Asks
from tests.world import AT, OPERATOR


def facts(world):
    """Invite to Alder and to Birch."""
    ours, theirs = invited(OPERATOR, email=NORA), invited(OPERATOR, email=NORA, organization="BIRCH-HIGH")
    cancelled = invited(OPERATOR, email="gone@juniper.example")
    dead_link = token_of(cancelled)
    cancel_invitation(OPERATOR, invitation_id=cancelled.id, at=AT)
    return {
        "invitation": ours.id,
        "their invitation": theirs.id,
        "link": token_of(ours),
        "cancelled link": dead_link,
    }


def asks(facts) -> Asks:
    """Return whose pages, invitations and links can be asked for."""
    place = {"Alder": ("470001",), "Birch": ("470101",), "nobody": ("999999",)}
    one = {
        "Alder": ("470001", facts["invitation"]),
        "Birch": ("470001", facts["their invitation"]),
        "Birch in Birch": ("470101", facts["their invitation"]),
        "nobody": ("470001", 999_999),
    }
    link = {"Nora": (facts["link"],), "cancelled": (facts["cancelled link"],), "nobody": ("no-such-link",)}
    return {
        "managing_invite": place,
        "managing_invite_several": place,
        "managing_invite_send": place,
        "managing_invite_problems": place,
        "managing_invitations": place,
        "managing_invitation_resend": one,
        "managing_invitation_cancel": one,
        "invitation": link,
        "invitation_account": link,
    }
