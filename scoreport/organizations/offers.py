"""What sending an invitation and accepting it have in common."""

import datetime as dt

from django.conf import settings
from django.utils import translation

from scoreport.access import Actor, Role
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations.models.invitations import Invitation


def labels_of(row: Invitation, language: str) -> list[str]:
    """Return the roles that an invitation offers, in the words of whoever will read them."""
    with translation.override(language or settings.LANGUAGE_CODE):
        return [Role(role).label for role in row.roles]


def record_about(actor: Actor, verb: Verb, row: Invitation, at: dt.datetime, **detail: str) -> None:
    """Record an event about an invitation; it is the last thing in a transaction."""
    record(
        actor,
        verb=verb,
        at=at,
        organization=row.organization.code,
        subject_kind="invitation",
        subject=row.email,
        roles=list(row.roles),
        ends_on=row.role_ends_on.isoformat(),
        **detail,
    )
