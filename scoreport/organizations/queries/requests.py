"""Reads of requests for access: one's own, and those for a code, which program staff answer."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission, Role
from scoreport.organizations.models import AccessRequest
from scoreport.organizations.rules.requests import AnswerState, Asked, RequestInfo

_OWN = 20


class UnknownRequest(NotFound):
    """There is no such request that the actor may see."""


def requests_of(actor: Actor) -> tuple[RequestInfo, ...]:
    """Return what the actor asked for, the newest first; those before the last twenty are left out."""
    rows = _own(actor).order_by("-asked_at", "-id")[:_OWN]
    return tuple(request_info(row) for row in rows)


def own_request(actor: Actor, request_id: int) -> RequestInfo:
    """Return one of the actor's own requests; raises :class:`UnknownRequest`."""
    return _one(_own(actor), request_id)


def code_requests(actor: Actor, *, is_open: bool, first: int, limit: int) -> tuple[tuple[RequestInfo, ...], int]:
    """Return requests for a code and how many there are: open ones, the oldest first, or answered ones, the newest."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    rows = _rows().filter(asked_for=Asked.CODE.value)
    if is_open:
        rows = rows.filter(state=AnswerState.OPEN.value).order_by("asked_at", "id")
    else:
        rows = rows.exclude(state=AnswerState.OPEN.value).order_by("-answered_at", "-id")
    return tuple(request_info(row) for row in rows[first : first + limit]), rows.count()


def code_request(actor: Actor, request_id: int) -> RequestInfo:
    """Return a request for a code; raises :class:`UnknownRequest`."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    return _one(_rows().filter(asked_for=Asked.CODE.value), request_id)


def request_info(row: AccessRequest) -> RequestInfo:
    """Return a request without its row."""
    return RequestInfo(
        id=row.pk,
        asked_for=Asked(row.asked_for),
        person_id=row.user_id,
        person=row.user.name,
        email=row.user.email,
        language=row.user.language,
        organization=row.organization.info if row.organization else None,
        institution=row.institution,
        role=Role(row.role) if row.role else None,
        title=row.title,
        why=row.why,
        asked_at=row.asked_at,
        state=AnswerState(row.state),
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        answer=row.answer,
    )


def _rows() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.select_related("user", "organization")


def _own(actor: Actor) -> QuerySet[AccessRequest]:
    return _rows().none() if actor.person_id is None else _rows().filter(user_id=actor.person_id)


def _one(rows: QuerySet[AccessRequest], request_id: int) -> RequestInfo:
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise UnknownRequest(_("There is no such request."))
    return request_info(row)
