"""A person's own requests, and the pieces of which both sides' pages are made."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scoreport.access import Actor, NotFound
from scoreport.people.queries import public_ids
from scoreport.support.models import HelpFile, HelpMessage, HelpRequest
from scoreport.support.rules.files import FileInfo
from scoreport.support.rules.requests import Kind, Move, RequestState, Voice, after, id_of, number_of

# Larger numbers are no id in either database.
_LARGEST_ID = (1 << 63) - 1


class UnknownRequest(NotFound):
    """There is no such request, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """Where a request stands; ``moves`` is what can happen to it now, whoever does it."""

    number: int
    kind: Kind
    person_id: int
    person: str
    email: str
    state: RequestState
    asked_at: dt.datetime
    changed_at: dt.datetime
    due_on: dt.date
    is_overdue: bool
    closed_at: dt.datetime | None
    assigned_id: int | None
    assigned: str
    organization: str
    messages: int
    moves: frozenset[Move]


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a page shows it."""

    voice: Voice
    author: str
    is_mine: bool
    text: str
    at: dt.datetime
    files: tuple[FileInfo, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody need not type again."""

    title: str
    institution: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with everything that its reader may see; ``student`` is a public id and no name."""

    info: RequestInfo
    name: str
    title: str
    institution: str
    years: str
    page: str
    student: str
    thread: tuple[Said, ...]


def requests_of(actor: Actor, *, at: dt.datetime, limit: int = 200) -> list[RequestInfo]:
    """Return a person's own requests, the newest first."""
    rows = rows_of_person(actor).order_by("-id")[:limit]
    return [info_of(row, at) for row in rows]


def request_of(actor: Actor, number: int, *, at: dt.datetime) -> RequestPage:
    """Return one of a person's own requests, without what staff noted; raises :class:`UnknownRequest`."""
    row = found(rows_of_person(actor), number)
    return page_of(actor, row, at=at, voices=(Voice.PERSON, Voice.STAFF))


def known_of(actor: Actor) -> Known:
    """Return what a person told of themselves when they asked last."""
    row = rows_of_person(actor).order_by("-id").first()
    return Known(row.title, row.institution) if row else Known("", "")


def rows_of_person(actor: Actor) -> QuerySet[HelpRequest]:
    """Return the rows of a person's own requests; nobody has none."""
    return with_people().filter(person_id=actor.person_id or 0)


def with_people() -> QuerySet[HelpRequest]:
    """Return all rows with what every page tells of them."""
    return HelpRequest.objects.select_related("person", "assigned", "organization")


def found(rows: QuerySet[HelpRequest], number: int) -> HelpRequest:
    """Return the row of a number; raises :class:`UnknownRequest`."""
    row = rows.filter(pk=id_of(number)).first() if 0 < id_of(number) <= _LARGEST_ID else None
    if row is None:
        raise UnknownRequest(_("There is no such request."))
    return row


def info_of(row: HelpRequest, at: dt.datetime) -> RequestInfo:
    """Return a request without its row."""
    state = RequestState(row.state)
    place = row.organization
    return RequestInfo(
        number=number_of(row.pk),
        kind=Kind(row.kind),
        person_id=row.person.pk,
        person=row.person.name,
        email=row.person.email,
        state=state,
        asked_at=row.asked_at,
        changed_at=row.changed_at,
        due_on=row.due_on,
        is_overdue=state is RequestState.OPEN and row.due_at <= at,
        closed_at=row.closed_at,
        assigned_id=row.assigned.pk if row.assigned else None,
        assigned=row.assigned.name if row.assigned else "",
        organization=f"{place.name} ({place.info.label})" if place else "",
        messages=row.messages,
        moves=frozenset(move for move in Move if after(state, move, closed_at=row.closed_at, at=at)),
    )


def page_of(actor: Actor, row: HelpRequest, *, at: dt.datetime, voices: tuple[Voice, ...]) -> RequestPage:
    """Return a request with the messages of some voices."""
    files: dict[int, list[FileInfo]] = defaultdict(list)
    for file in HelpFile.objects.filter(message__request=row, message__voice__in=voices).order_by("pk"):
        files[file.message_id].append(FileInfo(file.pk, file.name, file.size, file.added_at, file.removed_at))
    messages = HelpMessage.objects.filter(request=row, voice__in=voices).order_by("position")
    thread = tuple(
        Said(
            voice=Voice(message.voice),
            author=message.author_name,
            is_mine=message.author_id is not None and message.author_id == actor.person_id,
            text=message.text,
            at=message.at,
            files=tuple(files[message.pk]),
        )
        for message in messages
    )
    return RequestPage(
        info=info_of(row, at),
        name=row.name,
        title=row.title,
        institution=row.institution,
        years=row.years,
        page=row.page,
        student=public_ids([row.student_id])[row.student_id] if row.student_id else "",
        thread=thread,
    )
