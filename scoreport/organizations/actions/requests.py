"""Asking for access: for a code, which program staff answer, or for a role, which the access managers answer."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import K12_ROLES, Actor, Permission, Role
from scoreport.accounts.models import User
from scoreport.accounts.rules import PersonInfo
from scoreport.approvals.rules import ApprovalKind
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.clock import local_date
from scoreport.lib.text import clean
from scoreport.organizations import code_delivery, code_notifications, letters
from scoreport.organizations.actions.codes import record_issued, usable_contact
from scoreport.organizations.actions.memberships import NoSuchRole
from scoreport.organizations.actions.themself import require_themself
from scoreport.organizations.code_delivery import place_of_request
from scoreport.organizations.models import AccessRequest, Membership
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import contact_of
from scoreport.organizations.queries.managers import nearest_managers
from scoreport.organizations.queries.requests import code_request, own_request
from scoreport.organizations.queries.staff import held_staff_role
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import IssuedCode, Recipient, Tool
from scoreport.organizations.rules.contacts import STAFF_WAIT
from scoreport.organizations.rules.requests import ASKS, ASKS_WITHIN, AnswerState, Asked, RequestInfo
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind


class NothingSaid(access.Refused):
    """A request, or an answer to one, without the words that it needs."""


class AskedAlready(access.Refused):
    """The same was asked for before, and nobody has answered yet."""


class TooManyRequests(access.Refused):
    """One person asked for very much in one day."""


class NobodyToAsk(access.Refused):
    """The organization has no access manager, and neither has one above it."""


class HasRole(access.Refused):
    """The person holds the role already."""


class AnsweredAlready(access.Refused):
    """The request is not open any more."""


class AskedByStaff(access.Refused):
    """Program staff get no access codes, and neither do people who were program staff within the last year."""


def ask_code(
    actor: Actor, *, organization: str | None, institution: str = "", title: str, why: str, at: dt.datetime
) -> int:
    """Ask program staff for an access code, and return the request's number.

    Without ``organization`` the institution is not on file, and ``institution`` is what it is called. Raises
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NothingSaid`, :class:`AskedAlready`,
    :class:`TooManyRequests`, :class:`scoreport.access.NotAllowed`.
    """
    person = require_themself(actor)
    place = find(clean(organization)) if organization else None
    typed = "" if place else clean(institution)
    if not (place or typed):
        raise NothingSaid(_("Name the institution that the code is for."))
    with transaction.atomic():
        number = _ask(person, place, at=at, asked_for=Asked.CODE, institution=typed, title=title, why=why)
        _record(actor, Verb.ACCESS_ASKED, place, number, at, asked_for=Asked.CODE.value)
    return number


def ask_role(actor: Actor, *, organization: str, role: Role, title: str, why: str, at: dt.datetime) -> int:
    """Ask the nearest access managers for a role; each of them gets a mail. Return the request's number.

    Raises :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`scoreport.organizations.actions.NoSuchRole`, :class:`NobodyToAsk`, :class:`HasRole`,
    :class:`NothingSaid`, :class:`AskedAlready`, :class:`TooManyRequests`, :class:`scoreport.access.NotAllowed`.
    """
    person = require_themself(actor)
    place = find(clean(organization))
    if role not in K12_ROLES:
        raise NoSuchRole(_("The role %(role)s cannot be asked for.") % {"role": role.label})
    if _holds(person, place, role, at):
        message = _("You hold the role %(role)s at %(organization)s already.")
        raise HasRole(message % {"role": role.label, "organization": place.name})
    managers = nearest_managers(place, at)
    if not managers:
        message = _("%(organization)s has no access manager yet. Ask for an access code instead.")
        raise NobodyToAsk(message % {"organization": place.name})
    with transaction.atomic():
        number = _ask(person, place, at=at, asked_for=Asked.ROLE, role=role, title=title, why=why)
        for manager in managers:
            with translation.override(manager.language or settings.LANGUAGE_CODE):
                label = role.label
            post(
                actor, kind=MailKind.ACCESS_REQUESTED, to=manager.email, at=at, language=manager.language,
                about=f"access-request:{number}", organization=place.name, address=place.address,
                person=actor.name, role=label, why=clean(why),
            )  # fmt: skip
        _record(actor, Verb.ACCESS_ASKED, place, number, at, asked_for=Asked.ROLE.value, role=role.value)
    return number


def withdraw(actor: Actor, *, request_id: int, at: dt.datetime) -> None:
    """Take back what one asked for oneself, while nobody has answered.

    Raises :class:`scoreport.organizations.queries.requests.UnknownRequest`, :class:`AnsweredAlready`.
    """
    require_themself(actor)
    found = own_request(actor, request_id)
    with transaction.atomic():
        _close(actor, found, AnswerState.WITHDRAWN, "", at)
        _record(actor, Verb.ACCESS_WITHDRAWN, found.organization, found.id, at)


def send_code(
    actor: Actor, *, request_id: int, organization: str | None = None, to_contact: bool = False, at: dt.datetime
) -> IssuedCode:
    """Grant a request for a code: email it to the contact on file or to the person who asked; one answer counts.

    A second member of program staff has to approve an email to anybody but the contact. ``organization`` is for a
    request whose institution was not on file when it was made. Raises
    :class:`scoreport.organizations.queries.requests.UnknownRequest`, :class:`AnsweredAlready`,
    :class:`InstitutionUnknown`, :class:`AskedByStaff`, :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`scoreport.organizations.actions.codes.NoContact`, :class:`scoreport.approvals.actions.ApprovalNeeded`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    found = code_request(actor, request_id)
    place = place_of_request(found, organization)
    if held_staff_role(found.person_id, since=at - STAFF_WAIT):
        message = _("%(person)s is, or was within the last year, program staff. Program staff get no access codes.")
        raise AskedByStaff(message % {"person": found.person})
    contact = contact_of(actor, place, at=at)
    to = Recipient(found.person, found.email, found.language)
    if to_contact:
        to = usable_contact(actor, place=place, at=at)
    is_contact = contact.problem is None and contact.recipient is not None and contact.recipient.email == to.email
    with transaction.atomic():
        _close(actor, found, AnswerState.GRANTED, "", at)
        if not is_contact:
            wanted = code_delivery.by_email(request_id=found.id, to=to.email)
            code_delivery.require(actor, ApprovalKind.CODE_DELIVERY, wanted, place.code, at)
        issued = letters.generate(actor, place, Tool.MANAGING_ACCESS, to=to, at=at)
        record_issued(actor, issued=issued, at=at)
        _record(actor, Verb.ACCESS_GRANTED, place, found.id, at, code=f"…{issued.hint}")
        if not is_contact:
            code_notifications.issued_elsewhere(actor, [issued], at=at)
        elif to.email != found.email:
            _tell_where(actor, found, place, at)
    return issued


def _tell_where(actor: Actor, found: RequestInfo, place: OrganizationInfo, at: dt.datetime) -> None:
    """Email the person who asked that the contact on file has the code."""
    with translation.override(found.language or settings.LANGUAGE_CODE):
        wish = _("an access code for “%(tool)s”") % {"tool": Tool.MANAGING_ACCESS.label}
        sentence = _("The code was emailed to the contact on file for your institution. Ask that person for it.")
    post(
        actor, kind=MailKind.ACCESS_REQUEST_ANSWERED, to=found.email, at=at, language=found.language,
        about=f"access-request:{found.id}", organization=place.name, wish=wish, is_granted=True, sentence=sentence,
    )  # fmt: skip
    AccessRequest.objects.filter(pk=found.id).update(answer=sentence)


def decline_code(actor: Actor, *, request_id: int, sentence: str, at: dt.datetime) -> None:
    """Decline a request for a code with a sentence, which whoever asked gets by mail.

    Raises :class:`scoreport.organizations.queries.requests.UnknownRequest`, :class:`AnsweredAlready`,
    :class:`NothingSaid`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    found = code_request(actor, request_id)
    answer = clean(sentence)
    if not answer:
        raise NothingSaid(_("Say why, in a sentence: whoever asked gets it by mail."))
    with transaction.atomic():
        _close(actor, found, AnswerState.DECLINED, answer, at)
        with translation.override(found.language or settings.LANGUAGE_CODE):
            wish = _("an access code for “%(tool)s”") % {"tool": Tool.MANAGING_ACCESS.label}
        post(
            actor, kind=MailKind.ACCESS_REQUEST_ANSWERED, to=found.email, at=at, language=found.language,
            about=f"access-request:{found.id}", organization=found.place_name, wish=wish, is_granted=False,
            sentence=answer,
        )  # fmt: skip
        _record(actor, Verb.ACCESS_DECLINED, found.organization, found.id, at)


def _holds(person: PersonInfo, place: OrganizationInfo, role: Role, at: dt.datetime) -> bool:
    ends = Membership.objects.filter(
        user_id=person.id, organization_id=place.id, role=role.value, revoked_at__isnull=True
    ).values_list("ends_on", flat=True)
    return any(local_date(at, place.time_zone) <= ends_on for ends_on in ends)


def _ask(
    person: PersonInfo,
    place: OrganizationInfo | None,
    *,
    at: dt.datetime,
    asked_for: Asked,
    title: str,
    why: str,
    institution: str = "",
    role: Role | None = None,
) -> int:
    """Store a request, unless the same is open already or the person has asked for very much today."""
    if not clean(why):
        raise NothingSaid(_("Say why you need access, in a sentence or two."))
    wanted: dict[str, Any] = {
        "user_id": person.id,
        "asked_for": asked_for.value,
        "organization_id": place.id if place else None,
        "institution": institution,
        "role": role.value if role else "",
    }
    # One after the other for each person: what is counted next stays true until it is stored.
    User.objects.select_for_update().get(pk=person.id)
    own = AccessRequest.objects.filter(user_id=person.id)
    if AccessRequest.objects.filter(**wanted, state=AnswerState.OPEN.value).exists():
        raise AskedAlready(_("You have asked for this already, and the answer is still to come."))
    if own.filter(asked_at__gt=at - ASKS_WITHIN).count() >= ASKS:
        raise TooManyRequests(_("You have asked for very much today. Ask again tomorrow."))
    return AccessRequest.objects.create(**wanted, title=clean(title), why=clean(why), asked_at=at).pk


def _close(actor: Actor, found: RequestInfo, state: AnswerState, answer: str, at: dt.datetime) -> None:
    """Move an open request to its end; of two at once one hits the row."""
    still_open = AccessRequest.objects.filter(pk=found.id, state=AnswerState.OPEN.value)
    if still_open.update(state=state.value, answered_at=at, answered_by=actor.name, answer=answer) != 1:
        raise AnsweredAlready(_("This request is not open any more: it was answered or withdrawn meanwhile."))


def _record(
    actor: Actor, verb: Verb, place: OrganizationInfo | None, number: int, at: dt.datetime, **detail: str
) -> None:
    record(
        actor,
        verb=verb,
        at=at,
        organization=place.code if place else "",
        subject_kind="access-request",
        subject=str(number),
        **detail,
    )
