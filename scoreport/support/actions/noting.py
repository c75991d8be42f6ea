"""What goes with every act on a request: who does it, its event, and the day on which its files go."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.access import Actor, NotAllowed
from scoreport.accounts.queries import person_by_id
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Detail, Verb
from scoreport.support.tasks import remove_expired_files

_SUBJECT: Final = "help-request"


def person_of(actor: Actor) -> PersonInfo:
    """Return who asks; raises :class:`scoreport.access.NotAllowed` when nobody has signed in."""
    if actor.person_id is None:
        raise NotAllowed(_("Sign in to ask for help."))
    return person_by_id(actor.person_id)


def note_event(actor: Actor, *, verb: Verb, number: int, at: dt.datetime, files: int = 0, **detail: Detail) -> None:
    """Record that something happened to a request, and how many files came with it: numbers, never words or names."""
    subject = str(number)
    if files:
        record(actor, verb=Verb.HELP_FILE_ADDED, at=at, subject_kind=_SUBJECT, subject=subject, files=files)
    record(actor, verb=verb, at=at, organization="", subject_kind=_SUBJECT, subject=subject, subject_id="", **detail)


def expect_removal(actor: Actor, *, at: dt.datetime) -> None:  # noqa: ARG001 - an action takes its actor
    """Have the files of a request that was settled at ``at`` removed when their time is over."""
    remove_expired_files.using(run_after=at + dt.timedelta(days=settings.HELP_ATTACHMENT_DAYS)).enqueue()
