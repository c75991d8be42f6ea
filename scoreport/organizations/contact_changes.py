"""What follows when a file changes who gets the access codes of an organization."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from scoreport.access import Actor
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations import code_notifications
from scoreport.organizations.models import Organization
from scoreport.organizations.rules import OrganizationInfo, OrganizationRow


def follow(
    actor: Actor, changed: Iterable[OrganizationRow], stored: Mapping[str, OrganizationRow], at: dt.datetime
) -> None:
    """Record the contacts that are others than before, and email the former ones: one email for each address."""
    others = [row for row in changed if row.contact_email != stored[row.code].contact_email]
    # What the operator names can get codes at once.
    Organization.objects.filter(code__in=[row.code for row in others]).update(contact_codes_from=None)
    infos = {one.code: one.info for one in Organization.objects.filter(code__in=[row.code for row in others])}
    lines: dict[str, list[str]] = defaultdict(list)
    for row in others:
        before = stored[row.code].contact_email
        record_changed(actor, place=infos[row.code], before=before, after=row.contact_email, at=at)
        if before:
            lines[before].append(code_notifications.change_line(row.name, before, row.contact_email))
    for email, changes in lines.items():
        reader = code_notifications.contact_reader(email)
        code_notifications.contact_changed(actor, readers=[reader], changes=changes, at=at)


def record_changed(actor: Actor, *, place: OrganizationInfo, before: str, after: str, at: dt.datetime) -> None:
    """Record that an organization has another contact on file."""
    record(
        actor, verb=Verb.CONTACT_CHANGED, at=at, organization=place.code, subject_kind="contact", subject=after,
        before=before,
    )  # fmt: skip
