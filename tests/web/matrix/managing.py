"""Managing Access: the pages of institutions of ours and of others, roles and requests at both."""

from scoreport.access import Role
from scoreport.organizations.models import AccessRequest, Membership
from scoreport.organizations.rules.requests import Asked
from tests.organizations.managing import accept_terms
from tests.web.matrix import Args, Asks
from tests.world import AT

_PAGES = ("managing_access", "managing_access_csv", "managing_assign", "managing_requests", "access_review")
_ACTS = ("managing_renew", "managing_change", "managing_revoke")
_ANSWERS = ("managing_request_grant", "managing_request_decline")


def facts(world):
    """Ask for a role here and there, and name a role here and there; Max has accepted the terms."""
    accept_terms(world.people["max"].id)

    def asked(where: str) -> int:
        return AccessRequest.objects.create(
            asked_for=Asked.ROLE.value,
            user_id=world.people["nora"].id,
            organization_id=world.organization(where).id,
            role=Role.DETAILED_REPORTS.value,
            why="I advise the seniors.",
            asked_at=AT,
        ).pk

    def held(name: str) -> int:
        return Membership.objects.get(user_id=world.people[name].id).pk

    return {
        "our_role": held("sue"),
        "their_role": held("bea"),
        "our_request": asked("ALDER-HIGH"),
        "their_request": asked("BIRCH-HIGH"),
    }


def asks(facts) -> Asks:
    """Return what each route can be asked for."""
    place: Args = {"Alder": ("470001",), "Birch": ("470101",), "nobody": ("999999",)}
    roles: Args = {
        "Alder": ("470001", facts["our_role"]),
        "Birch": ("470101", facts["their_role"]),
        "Birch in Alder": ("470001", facts["their_role"]),
        "nobody": ("470001", 999_999),
    }
    requests: Args = {
        "Alder": ("470001", facts["our_request"]),
        "Birch": ("470101", facts["their_request"]),
        "Birch in Alder": ("470001", facts["their_request"]),
        "nobody": ("470001", 999_999),
    }
    return (
        dict.fromkeys((*_PAGES, "access_review_finish"), place)
        | dict.fromkeys(_ACTS, roles)
        | dict.fromkeys(_ANSWERS, requests)
    )
