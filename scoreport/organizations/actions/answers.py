"""Answers to people who ask for a role: granted or declined, by one access manager, once."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import K12_ROLES, Actor, Permission, Role
from scoreport.accounts.queries import person
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean
from scoreport.organizations import holding, telling
from scoreport.organizations.actions.memberships import NoSuchRole
from scoreport.organizations.models import AccessRequest
from scoreport.organizations.queries.role_requests import role_request
from scoreport.organizations.rules.asked import RoleRequest
from scoreport.organizations.rules.requests import AnswerState
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind


class AlreadyAnswered(access.Refused):
    """Somebody else answered the request, or it was withdrawn."""


class SentenceMissing(access.Refused):
    """Who is declined is told why."""


def grant_request(
    actor: Actor,
    *,
    request_id: int,
    role: Role,
    ends_on: dt.date | None = None,
    sentence: str = "",
    at: dt.datetime,
) -> dt.date:
    """Give the role that was asked for, or another one, and say so; return its last day.

    Raises :class:`scoreport.access.NotFound`, :class:`AlreadyAnswered`, :class:`NoSuchRole`,
    :class:`scoreport.organizations.holding.EndsTooEarly`, :class:`scoreport.organizations.holding.EndsTooLate`.
    """
    asked = role_request(actor, request_id, at)
    access.require(actor, Permission.PEOPLE_GRANT, asked.organization.place)
    if role not in K12_ROLES:
        raise NoSuchRole(_("The role %(role)s is not handed out by access managers.") % {"role": role.label})
    holder, place = person(asked.email), asked.organization
    last_day = holding.chosen_end(actor, place, ends_on, at)
    with transaction.atomic():
        holding.lock(place)
        _answer(actor, asked, AnswerState.GRANTED, sentence, at)
        row, new = holding.give(actor, person_id=holder.id, place=place, role=role, ends_on=last_day, at=at)
        _tell(actor, holder, asked, sentence, at, is_granted=True)
        if actor.person_id == holder.id or role is not asked.role:
            telling.given(actor, person=holder, place=place, roles=[role], ends_on=row.ends_on, at=at)
        if new:
            _record(actor, Verb.MEMBERSHIP_GRANTED, asked, role, at, ends_on=row.ends_on.isoformat())
        _record(actor, Verb.ACCESS_GRANTED, asked, role, at, request=asked.id)
    return row.ends_on


def decline_request(actor: Actor, *, request_id: int, sentence: str, at: dt.datetime) -> None:
    """Decline a request with a word, which the person gets.

    Raises :class:`scoreport.access.NotFound`, :class:`AlreadyAnswered`, :class:`SentenceMissing`.
    """
    asked = role_request(actor, request_id, at)
    access.require(actor, Permission.PEOPLE_GRANT, asked.organization.place)
    if not clean(sentence):
        raise SentenceMissing(_("Say in a sentence why, or whom to ask instead. The person gets it by mail."))
    with transaction.atomic():
        _answer(actor, asked, AnswerState.DECLINED, sentence, at)
        _tell(actor, person(asked.email), asked, sentence, at, is_granted=False)
        _record(actor, Verb.ACCESS_DECLINED, asked, asked.role, at, request=asked.id)


def _answer(actor: Actor, asked: RoleRequest, state: AnswerState, sentence: str, at: dt.datetime) -> None:
    """Answer if nobody has: one statement decides between two who answer at the same time."""
    answered = AccessRequest.objects.filter(pk=asked.id, state=AnswerState.OPEN.value).update(
        state=state.value, answered_at=at, answered_by=actor.name, answer=clean(sentence)
    )
    if not answered:
        row = AccessRequest.objects.get(pk=asked.id)
        if row.state == AnswerState.WITHDRAWN.value:
            raise AlreadyAnswered(_("%(person)s has withdrawn this request.") % {"person": asked.name})
        message = _("%(by)s has answered this request already.")
        raise AlreadyAnswered(message % {"by": row.answered_by})


def _tell(
    actor: Actor, to: PersonInfo, asked: RoleRequest, sentence: str, at: dt.datetime, *, is_granted: bool
) -> None:
    post(
        actor, kind=MailKind.ACCESS_REQUEST_ANSWERED, to=to.email, at=at, language=to.language,
        about=f"access-request:{asked.id}", organization=asked.organization.name,
        wish=telling.label(asked.role, to.language), is_granted=is_granted, sentence=clean(sentence),
    )  # fmt: skip


def _record(actor: Actor, verb: Verb, asked: RoleRequest, role: Role, at: dt.datetime, **detail: str | int) -> None:
    record(
        actor, verb=verb, at=at, organization=asked.organization.code, subject_kind="person",
        subject=f"{asked.name} <{asked.email}>", subject_id=asked.person_id, role=role.value, **detail,
    )  # fmt: skip
