"""What program staff see of requests: the queue, one request with its notes, and the answers kept for next time."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.text import sort_key
from scoreport.organizations.queries.staff import program_staff
from scoreport.support.models import CannedAnswer, HelpRequest
from scoreport.support.queries.requests import RequestInfo, RequestPage, found, info_of, page_of, with_people
from scoreport.support.rules.requests import Kind, RequestState, Voice, id_of

_LONGEST_NUMBER: Final = 12
_RANK: Final = Case(
    *(When(state=state.value, then=Value(number)) for number, state in enumerate(RequestState)),
    default=Value(len(RequestState)),
)


class UnknownCannedAnswer(NotFound):
    """There is no such answer."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Which requests to show: a state, whose, of which kind, and what was searched for."""

    state: RequestState = RequestState.OPEN
    whose: str = ""
    kind: Kind | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests are in each state, how many open ones are late, mine, nobody's."""

    states: dict[RequestState, int]
    overdue: int
    mine: int
    unassigned: int


@dataclass(frozen=True, slots=True)
class CannedInfo:
    """A kept answer."""

    id: int
    title: str
    text: str
    language: str
    changed_at: dt.datetime
    changed_by: str


def queue(
    actor: Actor, query: QueueQuery, *, at: dt.datetime, first: int = 0, limit: int = 25
) -> tuple[list[RequestInfo], int]:
    """Return requests and how many there are: open ones by their due day, so that late ones lead; others newest first.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    rows = _matching(with_people(), query, actor)
    if query.search:
        # A search looks through every state; what waits for us comes first.
        ordered = rows.order_by(_RANK, "due_at", "id")
    elif query.state is RequestState.OPEN:
        ordered = rows.order_by("due_at", "id")
    else:
        ordered = rows.order_by("-changed_at", "-id")
    return [info_of(row, at) for row in ordered[first : first + limit]], rows.count()


def _matching(rows: QuerySet[HelpRequest], query: QueueQuery, actor: Actor) -> QuerySet[HelpRequest]:
    if query.kind is not None:
        rows = rows.filter(kind=query.kind.value)
    match query.whose:
        case "mine":
            rows = rows.filter(assigned_id=actor.person_id)
        case "nobody":
            rows = rows.filter(assigned__isnull=True)
        case _everybody:
            pass
    if not query.search:
        return rows.filter(state=query.state.value)
    words = Q()
    for word in sort_key(query.search).split():
        words &= Q(person_key__contains=word)
    typed = query.search.strip().removeprefix("#")
    if typed.isdecimal() and typed.isascii() and len(typed) <= _LONGEST_NUMBER:
        words |= Q(pk=id_of(int(typed)))
    return rows.filter(words)


def counts(actor: Actor, *, at: dt.datetime) -> Counts:
    """Count the requests for the choices above the queue; raises :class:`scoreport.access.NotAllowed`."""
    access.require(actor, Permission.HELP_ANSWER)
    states: Counter[str] = Counter(HelpRequest.objects.values_list("state", flat=True))
    waiting = HelpRequest.objects.filter(state=RequestState.OPEN.value)
    return Counts(
        states={state: states[state.value] for state in RequestState},
        overdue=waiting.filter(due_at__lte=at).count(),
        mine=waiting.filter(assigned_id=actor.person_id).count(),
        unassigned=waiting.filter(assigned__isnull=True).count(),
    )


def request_at_desk(actor: Actor, number: int, *, at: dt.datetime) -> RequestPage:
    """Return any request, with the notes of staff; whoever shows it records that it was read.

    Raises :class:`scoreport.access.NotAllowed` and
    :class:`scoreport.support.queries.requests.UnknownRequest`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    return page_of(actor, found(with_people(), number), at=at, voices=tuple(Voice))


def staff(actor: Actor, *, at: dt.datetime) -> tuple[PersonInfo, ...]:
    """Return who can be given a request; raises :class:`scoreport.access.NotAllowed`."""
    access.require(actor, Permission.HELP_ANSWER)
    return program_staff(at)


def canned_answers(actor: Actor) -> list[CannedInfo]:
    """Return the kept answers, by title; raises :class:`scoreport.access.NotAllowed`."""
    access.require(actor, Permission.HELP_ANSWER)
    return [_canned(row) for row in CannedAnswer.objects.order_by("title", "language")]


def canned_answer(actor: Actor, number: int) -> CannedInfo:
    """Return one kept answer.

    Raises :class:`scoreport.access.NotAllowed` and :class:`UnknownCannedAnswer`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    row = CannedAnswer.objects.filter(pk=number).first()
    if row is None:
        raise UnknownCannedAnswer(_("There is no such answer."))
    return _canned(row)


def _canned(row: CannedAnswer) -> CannedInfo:
    return CannedInfo(row.pk, row.title, row.text, row.language, row.changed_at, row.changed_by)
