"""What program staff do: read, answer, note, assign, close, open again."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.accounts.queries import person_by_id
from scoreport.audit.rules import Verb
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind
from scoreport.support import attachments
from scoreport.support.actions.noting import expect_removal, note_event, person_of
from scoreport.support.attachments import Given
from scoreport.support.models import HelpRequest
from scoreport.support.moving import Overtaken, move, say, words
from scoreport.support.queries import desk
from scoreport.support.queries.requests import RequestPage, found
from scoreport.support.rules.requests import Move, Voice, number_of


class NotStaff(Refused):
    """A request is given to program staff only."""


def open_request(actor: Actor, *, number: int, at: dt.datetime) -> RequestPage:
    """Return a request with its notes, and record who read it.

    Raises :class:`scoreport.access.NotAllowed` and
    :class:`scoreport.support.queries.requests.UnknownRequest`.
    """
    page = desk.request_at_desk(actor, number, at=at)
    with transaction.atomic():
        note_event(actor, verb=Verb.HELP_VIEWED, number=number, at=at)
    return page


def answer(
    actor: Actor,
    *,
    number: int,
    text: str,
    seen: int,
    files: Iterable[Given] = (),
    settle: bool = False,
    at: dt.datetime,
) -> None:
    """Answer a request, and close it with the answer if ``settle``; the person is told by mail that there is one.

    ``seen`` is the number of messages that the answer was written for: of two answers at once the second
    one is refused. Who answers what nobody has is given it. Raises
    :class:`scoreport.access.NotAllowed`, :class:`scoreport.support.queries.requests.UnknownRequest`,
    :class:`scoreport.support.moving.Overtaken`, :class:`scoreport.support.moving.NotPossibleNow`,
    :class:`scoreport.support.moving.WordsMissing`, :class:`scoreport.support.attachments.BadFile`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    author, told = person_of(actor), words(text)
    checked = attachments.check_all(files)
    with attachments.stored(checked) as stored, transaction.atomic():
        row = _any(number)
        move(row, Move.ANSWER, seen=seen, at=at)
        message = say(row, author, Voice.STAFF, told, at=at)
        stored.attach(message, at=at)
        if settle:
            move(row, Move.SETTLE, at=at)
        HelpRequest.objects.filter(pk=row.pk, assigned__isnull=True).update(assigned_id=author.id)
        _tell(actor, row, at=at)
        expect_removal(actor, at=at)
        note_event(actor, verb=Verb.HELP_ANSWERED, number=number, at=at, files=len(checked), closed=settle)


def note(actor: Actor, *, number: int, text: str, at: dt.datetime) -> None:
    """Write a note that program staff alone can read.

    Raises :class:`scoreport.access.NotAllowed`, :class:`scoreport.support.queries.requests.UnknownRequest`
    and :class:`scoreport.support.moving.WordsMissing`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    author, told = person_of(actor), words(text)
    with transaction.atomic():
        say(_any(number), author, Voice.NOTE, told, at=at)
        note_event(actor, verb=Verb.HELP_NOTED, number=number, at=at)


def assign(actor: Actor, *, number: int, to: int | None, instead_of: int | None, at: dt.datetime) -> None:
    """Give a request to somebody of the staff, or back to nobody; ``instead_of`` is who had it when that was chosen.

    Raises :class:`scoreport.access.NotAllowed`, :class:`scoreport.support.queries.requests.UnknownRequest`,
    :class:`NotStaff`, and :class:`scoreport.support.moving.Overtaken` when somebody else has it by now.
    """
    access.require(actor, Permission.HELP_ANSWER)
    holder = next((person for person in desk.staff(actor, at=at) if person.id == to), None)
    if to is not None and holder is None:
        raise NotStaff(_("A request can be given to program staff only. Choose somebody from the list."))
    with transaction.atomic():
        row = _any(number)
        if not HelpRequest.objects.filter(pk=row.pk, assigned_id=instead_of).update(assigned_id=to):
            raise Overtaken(_("Somebody else has taken or given this request meanwhile."))
        note_event(actor, verb=Verb.HELP_ASSIGNED, number=number, at=at, to=holder.as_text if holder else "")


def settle(actor: Actor, *, number: int, at: dt.datetime) -> None:
    """Close a request that was answered.

    Raises :class:`scoreport.access.NotAllowed`, :class:`scoreport.support.queries.requests.UnknownRequest`
    and :class:`scoreport.support.moving.NotPossibleNow`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    with transaction.atomic():
        move(_any(number), Move.SETTLE, at=at)
        expect_removal(actor, at=at)
        note_event(actor, verb=Verb.HELP_CLOSED, number=number, at=at)


def reopen(actor: Actor, *, number: int, at: dt.datetime) -> None:
    """Open a closed request again, within 30 days; raises what :func:`settle` raises."""
    access.require(actor, Permission.HELP_ANSWER)
    with transaction.atomic():
        move(_any(number), Move.REOPEN, at=at)
        note_event(actor, verb=Verb.HELP_REOPENED, number=number, at=at)


def _tell(actor: Actor, row: HelpRequest, *, at: dt.datetime) -> None:
    """Mail the person that there is an answer, and nothing of what it says."""
    reader, number = person_by_id(row.person_id), number_of(row.pk)
    post(
        actor, kind=MailKind.HELP_ANSWERED, to=reader.email, language=reader.language, at=at,
        about=f"help:{number}", number=number,
    )  # fmt: skip


def _any(number: int) -> HelpRequest:
    return found(HelpRequest.objects.select_for_update(), number)
