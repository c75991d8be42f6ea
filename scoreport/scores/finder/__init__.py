"""The missing score finder: who may look, what is found, and the key with which a found test is claimed."""

from django.db import connection

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores.finder.asked import Answer, By, Finding, Sought
from scoreport.scores.finder.keys import Keyed, UnknownKey, opened
from scoreport.scores.finder.look import find

# With the number of a person it locks their searches; any number will do that nothing else locks by.
_SEARCHES = 0x5C0_F1D


def require(actor: Actor, organization: OrganizationInfo | None) -> None:
    """Return when ``actor`` may look for missing scores of an organization (None: of any).

    Program staff may, for whoever asks them. Raises :class:`scoreport.access.NotAllowed`.
    """
    if access.can(actor, Permission.SCORES_CLAIM_DECIDE):
        access.require(actor, Permission.SCORES_CLAIM_DECIDE)
    else:
        access.require(actor, Permission.SCORES_CLAIM, organization.place if organization else None)


def lock(person_id: int) -> None:
    """Let one search of a person be counted at a time; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SEARCHES, person_id % 2**31])


__all__ = ["Answer", "By", "Finding", "Keyed", "Sought", "UnknownKey", "find", "lock", "opened", "require"]
