"""Asking for a second person's approval, giving or declining it, and using it up.

The package that needs an approval checks its own permission first, calls :func:`require_approved` in the transaction
of its act, and, when that raises :class:`ApprovalNeeded`, offers the person to call :func:`ask` with the same values.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Place, Refused
from scoreport.accounts.queries import person_by_id
from scoreport.approvals.models import Approval
from scoreport.approvals.queries import approval, info_of
from scoreport.approvals.rules import (
    APPROVERS,
    OPEN_FOR,
    USABLE_FOR,
    ApprovalInfo,
    ApprovalKind,
    ApprovalState,
    Parameters,
    key_of,
)
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind

_ALIVE: Final = (ApprovalState.OPEN.value, ApprovalState.APPROVED.value)


class ApprovalNeeded(Refused):
    """The act needs a second person, and there is no approval of exactly this act that can be used now."""

    def __init__(self, message: str, *, kind: ApprovalKind) -> None:
        super().__init__(message)
        self.kind = kind


class ReasonMissing(Refused):
    """Nobody can approve what is asked for without a reason."""


class AnsweredAlready(Refused):
    """The request is no longer open."""


class OwnRequest(Refused):
    """The second person has to be another one."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who gets an email about a request."""

    email: str
    language: str


def ask(  # noqa: PLR0913 - what is asked for, where, of whom
    actor: Actor,
    *,
    kind: ApprovalKind,
    subject: str,
    reason: str,
    parameters: Parameters,
    organization: str = "",
    place: Place | None = None,
    approvers: Sequence[Reader] = (),
    at: dt.datetime,
) -> ApprovalInfo:
    """Ask for an approval and email the approvers; return the request that is open already when there is one.

    ``subject`` says in one sentence what is to be done, without student data. ``organization`` and ``place`` are
    empty for the whole installation. Raises :class:`ReasonMissing`.
    """
    why, key = _required(reason), key_of(kind, organization, parameters)
    with transaction.atomic():
        _expire(key, actor, at)
        row, is_new = Approval.objects.get_or_create(
            key=key,
            requested_by_id=actor.person_id,
            state__in=_ALIVE,
            defaults={
                **_where(organization, place),
                "state": ApprovalState.OPEN.value,
                "kind": kind.value,
                "subject": clean(subject),
                "reason": why,
                "parameters": dict(parameters),
                "requested_by": actor.name,
                "requested_at": at,
                "expires_at": at + OPEN_FOR,
            },
        )
        if is_new:
            _email_approvers(actor, row, approvers, at)
            _record(actor, Verb.APPROVAL_ASKED, row, at)
    return info_of(row, at)


def _required(reason: str) -> str:
    """Return why an approval is asked for; raises :class:`ReasonMissing`."""
    why = clean(reason)
    if not why:
        raise ReasonMissing(_("Say why you need this, in a sentence. The person who approves it reads that."))
    return why


def _where(organization: str, place: Place | None) -> dict[str, object]:
    return {
        "organization": organization,
        "lineage": list(place.lineage) if place else [],
        "place_kind": place.kind.value if place else "",
    }


def _email_approvers(actor: Actor, row: Approval, approvers: Sequence[Reader], at: dt.datetime) -> None:
    for reader in approvers:
        post(
            actor, kind=MailKind.APPROVAL_ASKED, to=reader.email, at=at, language=reader.language,
            about=f"approval:{row.pk}", person=actor.name, subject=row.subject, why=row.reason, number=str(row.pk),
        )  # fmt: skip


def approve(actor: Actor, *, approval_id: int, sentence: str = "", at: dt.datetime) -> ApprovalInfo:
    """Approve a request of another person: they may do exactly that once, within a day.

    The person who asked reads ``sentence``. Raises :class:`scoreport.approvals.queries.UnknownApproval`,
    :class:`OwnRequest`, :class:`AnsweredAlready`, :class:`scoreport.access.NotAllowed`.
    """
    return _answer(actor, approval_id, ApprovalState.APPROVED, clean(sentence), at)


def decline(actor: Actor, *, approval_id: int, sentence: str, at: dt.datetime) -> ApprovalInfo:
    """Decline a request with a sentence that its requester reads; raises what :func:`approve` raises."""
    return _answer(actor, approval_id, ApprovalState.DECLINED, clean(sentence), at)


def withdraw(actor: Actor, *, approval_id: int, at: dt.datetime) -> None:
    """Withdraw one's own request, answered or not; raises :class:`UnknownApproval`, :class:`AnsweredAlready`."""
    info = approval(actor, approval_id, at=at)
    if actor.person_id is None or info.requested_by_id != actor.person_id:
        raise access.NotAllowed(_("Only the person who asked can withdraw a request."))
    alive = Approval.objects.filter(pk=info.id, state__in=_ALIVE)
    with transaction.atomic():
        if alive.update(state=ApprovalState.WITHDRAWN.value) != 1:
            raise AnsweredAlready(_("This request is no longer open."))
        _record(actor, Verb.APPROVAL_WITHDRAWN, Approval.objects.get(pk=info.id), at)


def require_approved(
    actor: Actor, *, kind: ApprovalKind, parameters: Parameters, organization: str = "", at: dt.datetime
) -> None:
    """Use up the approval of exactly this act, in the caller's transaction; of two uses at once one succeeds.

    The operator at the command line needs none. Raises :class:`ApprovalNeeded`.
    """
    if actor.is_trusted:
        return
    row = Approval.objects.filter(
        key=key_of(kind, organization, parameters),
        requested_by_id=actor.person_id,
        state=ApprovalState.APPROVED.value,
        expires_at__gt=at,
    ).first()
    used = row and Approval.objects.filter(pk=row.pk, state=ApprovalState.APPROVED.value).update(
        state=ApprovalState.USED.value, used_at=at
    )
    if row is None or used != 1:
        raise ApprovalNeeded(_("A second person has to approve this first."), kind=kind)
    _record(actor, Verb.APPROVAL_USED, row, at)


def _answer(actor: Actor, approval_id: int, state: ApprovalState, sentence: str, at: dt.datetime) -> ApprovalInfo:
    info = approval(actor, approval_id, at=at)
    if actor.person_id is not None and actor.person_id == info.requested_by_id:
        raise OwnRequest(_("Another person has to answer this: nobody approves their own request."))
    access.require(actor, APPROVERS[info.kind], info.place)
    with transaction.atomic():
        still_open = Approval.objects.filter(pk=info.id, state=ApprovalState.OPEN.value, expires_at__gt=at)
        changed = still_open.update(
            state=state.value, answered_by=actor.name, answered_by_id=actor.person_id, answered_at=at, answer=sentence,
            expires_at=at + USABLE_FOR,
        )  # fmt: skip
        if changed != 1:
            raise AnsweredAlready(_("This request is no longer open: it was answered, withdrawn, or it expired."))
        row = Approval.objects.get(pk=info.id)
        _email_requester(actor, row, at)
        is_approved = state is ApprovalState.APPROVED
        _record(actor, Verb.APPROVAL_GIVEN if is_approved else Verb.APPROVAL_DECLINED, row, at)
    return info_of(row, at)


def _email_requester(actor: Actor, row: Approval, at: dt.datetime) -> None:
    if row.requested_by_id is None:
        return
    requester = person_by_id(row.requested_by_id)
    post(
        actor, kind=MailKind.APPROVAL_ANSWERED, to=requester.email, at=at, language=requester.language,
        about=f"approval:{row.pk}", subject=row.subject, is_granted=row.state == ApprovalState.APPROVED.value,
        sentence=row.answer, number=str(row.pk),
    )  # fmt: skip


def _expire(key: str, actor: Actor, at: dt.datetime) -> None:
    """Let what has expired make room for a new request."""
    over = Approval.objects.filter(
        key=key,
        requested_by_id=actor.person_id,
        state__in=_ALIVE,
        expires_at__lte=at,
    )
    over.update(state=ApprovalState.EXPIRED.value)


def _record(actor: Actor, verb: Verb, row: Approval, at: dt.datetime) -> None:
    record(
        actor, verb=verb, at=at, organization=row.organization, subject_kind="approval", subject=str(row.pk),
        kind=row.kind, what=row.subject, requested_by=row.requested_by,
    )  # fmt: skip
