"""Who looked at who has access."""

import datetime as dt

from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations.rules import OrganizationInfo


def note_users_seen(actor: Actor, *, organization: OrganizationInfo, rows: int, as_file: bool, at: dt.datetime) -> None:
    """Record that somebody saw the list of roles at an organization, or took it away as a file."""
    access.require(actor, Permission.PEOPLE_GRANT if as_file else Permission.ACCESS_READ, organization.place)
    with transaction.atomic():
        record(
            actor, verb=Verb.ACCESS_EXPORTED if as_file else Verb.ACCESS_VIEWED, at=at, organization=organization.code,
            subject_kind="organization", subject=organization.name, rows=rows,
        )  # fmt: skip
