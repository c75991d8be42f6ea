"""Reads of requests for approval: people see their own, and those that they may answer."""

import datetime as dt

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Place, PlaceKind
from scoreport.approvals.models import Approval
from scoreport.approvals.rules import APPROVERS, ApprovalInfo, ApprovalKind, ApprovalState, state_at


class UnknownApproval(NotFound):
    """There is no such request that the actor may see."""


def approval(actor: Actor, approval_id: int, *, at: dt.datetime) -> ApprovalInfo:
    """Return a request for its requester, or for a person who may answer it; raises :class:`UnknownApproval`."""
    row = Approval.objects.filter(pk=approval_id).first()
    info = info_of(row, at) if row else None
    if info is None or not (_is_own(actor, info) or may_answer(actor, info)):
        raise UnknownApproval(_("There is no such request for approval."))
    return info


def waiting(actor: Actor, *, at: dt.datetime) -> list[ApprovalInfo]:
    """Return the open requests that an actor may answer, the oldest first."""
    rows = Approval.objects.filter(state=ApprovalState.OPEN.value, expires_at__gt=at).order_by("requested_at", "id")
    return [info for row in rows if may_answer(actor, info := info_of(row, at))]


def own(actor: Actor, *, at: dt.datetime, limit: int = 50) -> list[ApprovalInfo]:
    """Return the requests that a person has made, the newest first."""
    if actor.person_id is None:
        return []
    rows = Approval.objects.filter(requested_by_id=actor.person_id).order_by("-requested_at", "-id")
    return [info_of(row, at) for row in rows[:limit]]


def may_answer(actor: Actor, info: ApprovalInfo) -> bool:
    """Tell whether an actor may approve or decline a request: never the one who made it."""
    return not _is_own(actor, info) and access.can(actor, APPROVERS[info.kind], info.place)


def info_of(row: Approval, at: dt.datetime) -> ApprovalInfo:
    """Return a request without its row."""
    lineage = tuple(int(number) for number in row.lineage)
    return ApprovalInfo(
        id=row.pk,
        kind=ApprovalKind(row.kind),
        state=state_at(ApprovalState(row.state), row.expires_at, at),
        organization=row.organization,
        place=Place(lineage[-1], PlaceKind(row.place_kind), lineage) if lineage else None,
        subject=row.subject,
        reason=row.reason,
        parameters=row.parameters,
        requested_by=row.requested_by,
        requested_by_id=row.requested_by_id,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        answer=row.answer,
    )


def _is_own(actor: Actor, info: ApprovalInfo) -> bool:
    return actor.person_id is not None and actor.person_id == info.requested_by_id
