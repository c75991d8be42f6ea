"""The missing score finder: who may look, what is found, and the key with which a found test is claimed."""

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores.search.criteria import Answer, By, Finding, SearchCriteria
from scoreport.scores.search.service import find
from scoreport.scores.search.tokens import Keyed, UnknownKey, opened


def require(actor: Actor, organization: OrganizationInfo | None) -> None:
    """Return when ``actor`` may look for missing scores of an organization (None: of any).

    Program staff may, for whoever asks them. Raises :class:`scoreport.access.NotAllowed`.
    """
    if access.can(actor, Permission.SCORES_CLAIM_DECIDE):
        access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    else:
        access.require(actor, Permission.SCORES_CLAIM, organization.place if organization else None)


__all__ = ["Answer", "By", "Finding", "Keyed", "SearchCriteria", "UnknownKey", "find", "opened", "require"]
