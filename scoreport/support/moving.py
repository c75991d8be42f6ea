"""How a request moves: by one conditional UPDATE that must hit one row, with a message at a position that is free."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date, start_of_day
from scoreport.support.models import HelpMessage, HelpRequest
from scoreport.support.rules.requests import LONGEST_TEXT, Move, RequestState, Voice, after, due_on, tidy


class NotPossibleNow(Refused):
    """The request is in a state in which this cannot happen."""


class WordsMissing(Refused):
    """Nothing was written, or too much."""


class Overtaken(Refused):
    """Somebody else has changed the request since the person saw it."""


def words(text: str) -> str:
    """Return a text as it is stored; raises :class:`WordsMissing`."""
    stored = tidy(text)
    if not stored:
        raise WordsMissing(_("Write a few words first."))
    if len(stored) > LONGEST_TEXT:
        message = _("A message has up to %(count)s characters. Send the rest in a second one, or as a file.")
        raise WordsMissing(message % {"count": f"{LONGEST_TEXT:,}"})
    return stored


def move(row: HelpRequest, step: Move, *, at: dt.datetime, seen: int | None = None) -> None:
    """Bring a request into the state that a step leads to.

    ``seen`` is the number of messages that the person had before them, if that matters. Raises
    :class:`NotPossibleNow`, and :class:`Overtaken` when the request was changed in between.
    """
    if seen is not None and seen != row.messages:
        raise Overtaken(_overtaken())
    state = RequestState(row.state)
    target = after(state, step, closed_at=row.closed_at, at=at)
    if target is None:
        raise NotPossibleNow(_impossible(state, step))
    closed_at = at if target is RequestState.CLOSED else None
    changes: dict[str, Any] = {"state": target.value, "changed_at": at, "closed_at": closed_at}
    if step is Move.ANSWER:
        changes["answered_at"] = at
    if target is RequestState.OPEN and state is not RequestState.OPEN:
        changes |= due_of(row.organization.time_zone if row.organization else "", at)
    unchanged = HelpRequest.objects.filter(pk=row.pk, state=row.state, messages=row.messages, closed_at=row.closed_at)
    if not unchanged.update(**changes):
        raise Overtaken(_overtaken())
    row.state, row.closed_at = target.value, closed_at


def say(row: HelpRequest, person: PersonInfo, voice: Voice, text: str, *, at: dt.datetime) -> HelpMessage:
    """Add a message at the next position; raises :class:`Overtaken` when somebody took it."""
    free = HelpRequest.objects.filter(pk=row.pk, messages=row.messages)
    if not free.update(messages=row.messages + 1, changed_at=at):
        raise Overtaken(_overtaken())
    row.messages += 1
    return HelpMessage.objects.create(
        request=row,
        position=row.messages,
        voice=voice.value,
        author_id=person.id,
        author_name=person.name,
        text=text,
        at=at,
    )


def due_of(time_zone: str, at: dt.datetime) -> dict[str, Any]:
    """Return until when what was asked at ``at`` is answered: a day, and the instant at which it is over."""
    zone = time_zone or settings.TIME_ZONE
    last_day = due_on(local_date(at, zone), settings.HELP_DUE_BUSINESS_DAYS)
    return {"due_on": last_day, "due_at": start_of_day(last_day + dt.timedelta(days=1), zone)}


def _overtaken() -> str:
    return _("Somebody else has written or changed something here meanwhile. Read it, then send yours again.")


def _impossible(state: RequestState, step: Move) -> str:
    if state is RequestState.CLOSED and step in {Move.REPLY, Move.REOPEN}:
        return _("This request was closed more than 30 days ago. Make a new one and name its number.")
    if state is RequestState.CLOSED:
        return _("This request is closed. Open it again first.")
    if step is Move.SETTLE:
        return _("Answer the request first, so that nobody is left without a word.")
    return _("This request is open already.")
