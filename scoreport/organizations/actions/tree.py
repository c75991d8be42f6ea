"""Writes to the tree of organizations."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import IO

from django.conf import settings
from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations import code_notifications, intake
from scoreport.organizations.actions.contacts import record_changed
from scoreport.organizations.intake.read import Progress
from scoreport.organizations.intake.store import lock_tree, stored_rows
from scoreport.organizations.models import Organization
from scoreport.organizations.rules import Loaded, OrganizationRow


def load_organizations(actor: Actor, *, file: IO[bytes], at: dt.datetime, progress: Progress | None = None) -> Loaded:
    """Store the organizations of a CSV file, all or nothing; the same file again changes nothing.

    Organizations that the file does not name stay as they are. Former contacts on file get an email. Raises
    :class:`scoreport.organizations.intake.FileRefused` with every problem of the file.
    """
    access.require(actor, Permission.ORGANIZATIONS_LOAD)
    reading = intake.read(file, progress)
    with transaction.atomic():
        lock_tree()
        stored = stored_rows()
        plan = intake.compare(reading, stored, default_zone=settings.TIME_ZONE)
        touched = intake.store(plan) if plan.new or plan.changed else frozenset()
        loaded = Loaded(
            new=len(plan.new),
            changed=len(plan.changed),
            same=plan.same,
            ignored_columns=reading.ignored_columns,
            touched=touched,
        )
        record(actor, verb=Verb.ORGANIZATIONS_LOADED, at=at, new=loaded.new, changed=loaded.changed, same=loaded.same)
        _contacts_changed(actor, plan.changed, stored, at)
    return loaded


def _contacts_changed(
    actor: Actor, changed: tuple[OrganizationRow, ...], stored: Mapping[str, OrganizationRow], at: dt.datetime
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
