"""What a person does: ask, reply, close, open again."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, NotAllowed, NotFound, Refused
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.rules import Verb
from scoreport.lib.secrets import digest
from scoreport.lib.text import clean, sort_key
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind
from scoreport.people.queries import student_called
from scoreport.reports import queries as reports
from scoreport.support import attachments
from scoreport.support.actions.noting import expect_removal, note_event, person_of
from scoreport.support.attachments import Given
from scoreport.support.models import HelpFile, HelpMessage, HelpRequest
from scoreport.support.moving import due_of, move, say, words
from scoreport.support.queries.requests import found
from scoreport.support.rules.files import MOST_FILES_A_DAY
from scoreport.support.rules.requests import (
    LONGEST_LINE,
    MOST_A_DAY,
    MOST_MESSAGES_A_DAY,
    Asking,
    Move,
    RequestState,
    Voice,
    local_path,
    number_of,
)


class TooManyRequests(Refused):
    """One person asks more often than a person does."""


def ask(actor: Actor, *, asking: Asking, once: str, files: Iterable[Given] = (), at: dt.datetime) -> int:
    """Make a request and return its number; whoever made it gets a mail with the number and the due day.

    ``once`` is drawn with the form: the same words of the same form are the same request. Raises
    :class:`scoreport.access.NotAllowed`, :class:`TooManyRequests`,
    :class:`scoreport.support.moving.WordsMissing`, :class:`scoreport.support.attachments.BadFile`.
    """
    person = person_of(actor)
    text = words(asking.text)
    checked = attachments.check_all(files)
    with attachments.stored(checked) as stored, transaction.atomic():
        # Who goes back and writes something else has not sent it yet.
        key = digest(f"{once}\n{asking.kind.value}\n{text}", "help-form")
        before = HelpRequest.objects.filter(person_id=person.id, once=key).first()
        if before is not None:
            return number_of(before.pk)
        _brake(person, len(checked), at=at)
        row = _stored(actor, person, asking, key, at)
        message = say(row, person, Voice.PERSON, text, at=at)
        stored.attach(message, at=at)
        number = number_of(row.pk)
        post(
            actor, kind=MailKind.HELP_RECEIVED, to=person.email, language=person.language, at=at,
            about=f"help:{number}", number=number, due=row.due_on,
        )  # fmt: skip
        note_event(actor, verb=Verb.HELP_ASKED, number=number, at=at, files=len(checked), about=asking.kind.value)
    return number


def reply(actor: Actor, *, number: int, text: str, files: Iterable[Given] = (), at: dt.datetime) -> None:
    """Say something more about a request of one's own; that opens it again. The same words twice are said once.

    Raises :class:`scoreport.support.queries.requests.UnknownRequest`,
    :class:`TooManyRequests`, :class:`scoreport.support.moving.NotPossibleNow`,
    :class:`scoreport.support.moving.WordsMissing`, :class:`scoreport.support.attachments.BadFile`.
    """
    person = person_of(actor)
    told = words(text)
    checked = attachments.check_all(files)
    with attachments.stored(checked) as stored, transaction.atomic():
        row = _own(actor, number)
        was_open = row.state == RequestState.OPEN
        if was_open and not checked and _newest_words(row) == told:
            return
        _brake(person, len(checked), at=at, is_new=False)
        move(row, Move.REPLY, at=at)
        message = say(row, person, Voice.PERSON, told, at=at)
        stored.attach(message, at=at)
        verb = Verb.HELP_ASKED if was_open else Verb.HELP_REOPENED
        note_event(actor, verb=verb, number=number, at=at, files=len(checked), reply=True)


def close(actor: Actor, *, number: int, at: dt.datetime) -> None:
    """Close a request of one's own.

    Raises :class:`scoreport.support.queries.requests.UnknownRequest` and
    :class:`scoreport.support.moving.NotPossibleNow`.
    """
    person_of(actor)
    with transaction.atomic():
        move(_own(actor, number), Move.CLOSE, at=at)
        expect_removal(actor, at=at)
        note_event(actor, verb=Verb.HELP_CLOSED, number=number, at=at)


def reopen(actor: Actor, *, number: int, at: dt.datetime) -> None:
    """Open a closed request of one's own again, within 30 days; raises what :func:`close` raises."""
    person_of(actor)
    with transaction.atomic():
        move(_own(actor, number), Move.REOPEN, at=at)
        note_event(actor, verb=Verb.HELP_REOPENED, number=number, at=at)


def _own(actor: Actor, number: int) -> HelpRequest:
    return found(HelpRequest.objects.filter(person_id=actor.person_id).select_for_update(), number)


def _brake(person: PersonInfo, files: int, *, at: dt.datetime, is_new: bool = True) -> None:
    """Stop who sends more in 24 hours than a person does; raises :class:`TooManyRequests`."""
    since = at - dt.timedelta(days=1)
    made = HelpRequest.objects.filter(person_id=person.id, asked_at__gt=since).count()
    if is_new and made >= MOST_A_DAY:
        message = _("You have made %(count)s requests since yesterday. Add to one of them, or come back tomorrow.")
        raise TooManyRequests(message % {"count": made})
    said = HelpMessage.objects.filter(author_id=person.id, at__gt=since).count()
    sent = HelpFile.objects.filter(message__author_id=person.id, added_at__gt=since).count()
    if said >= MOST_MESSAGES_A_DAY or (files and sent + files > MOST_FILES_A_DAY):
        raise TooManyRequests(_("You have sent very many messages or files since yesterday. Come back tomorrow."))


def _stored(actor: Actor, person: PersonInfo, asking: Asking, once: str, at: dt.datetime) -> HelpRequest:
    place = _place(actor, asking.organization)
    return HelpRequest.objects.create(
        person_id=person.id,
        person_key=sort_key(f"{person.name} {person.email}"),
        once=once,
        kind=asking.kind.value,
        name=clean(asking.name)[:LONGEST_LINE] or person.name,
        title=clean(asking.title)[:LONGEST_LINE],
        institution=clean(asking.institution)[:LONGEST_LINE],
        years=clean(asking.years)[:LONGEST_LINE],
        organization_id=place.id if place else None,
        page=local_path(asking.page),
        student_id=_student(actor, asking.student, at),
        asked_at=at,
        changed_at=at,
        **due_of(place.time_zone if place else "", at),
    )


def _place(actor: Actor, address: str) -> OrganizationInfo | None:
    """Return the organization that somebody asked from, if their roles reach it."""
    if not address:
        return None
    try:
        return organizations.organization(actor, address)
    except NotFound:
        return None


def _student(actor: Actor, called: str, at: dt.datetime) -> int | None:
    """Return the number of a student whom the person may see; any other one is left out."""
    number = student_called(called).number
    try:
        return number if reports.sees_student(actor, number, at) else None
    except NotAllowed:
        return None


def _newest_words(row: HelpRequest) -> str:
    newest = HelpMessage.objects.filter(request=row).order_by("-position").first()
    return newest.text if newest is not None and newest.voice == Voice.PERSON else ""
