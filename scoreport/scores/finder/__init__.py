"""The missing score finder: who may look, what is found, and the key with which a found test is claimed."""

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores.finder.asked import Answer, By, Finding, Sought
from scoreport.scores.finder.keys import Keyed, UnknownKey, opened
from scoreport.scores.finder.look import find


def require(actor: Actor, organization: OrganizationInfo | None) -> None:
    """Return when ``actor`` may look for missing scores of an organization (None: of any).

    Program staff may, for whoever asks them. Raises :class:`scoreport.access.NotAllowed`.
    """
    if access.can(actor, Permission.SCORES_CLAIM_DECIDE):
        access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    else:
        access.require(actor, Permission.SCORES_CLAIM, organization.place if organization else None)


__all__ = ["Answer", "By", "Finding", "Keyed", "Sought", "UnknownKey", "find", "opened", "require"]
