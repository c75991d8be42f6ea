"""Writes to the tree of organizations."""

import datetime as dt
from typing import IO

from django.conf import settings
from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations import intake
from scoreport.organizations.intake.read import Progress
from scoreport.organizations.intake.store import lock_tree, stored_rows
from scoreport.organizations.rules import Loaded


def load_organizations(actor: Actor, *, file: IO[bytes], at: dt.datetime, progress: Progress | None = None) -> Loaded:
    """Store the organizations of a CSV file, all or nothing; the same file again changes nothing.

    Organizations that the file does not name stay as they are. Raises
    :class:`scoreport.organizations.intake.FileRefused` with every problem of the file.
    """
    access.require(actor, Permission.ORGANIZATIONS_LOAD)
    reading = intake.read(file, progress)
    with transaction.atomic():
        lock_tree()
        plan = intake.compare(reading, stored_rows(), default_zone=settings.TIME_ZONE)
        touched = intake.store(plan) if plan.new or plan.changed else frozenset()
        loaded = Loaded(
            new=len(plan.new),
            changed=len(plan.changed),
            same=plan.same,
            ignored_columns=reading.ignored_columns,
            touched=touched,
        )
        record(actor, verb=Verb.ORGANIZATIONS_LOADED, at=at, new=loaded.new, changed=loaded.changed, same=loaded.same)
    return loaded
