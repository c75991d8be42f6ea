"""An access code opens its tool to somebody, once; wrong ones are counted and have to wait."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport import access
from scoreport.access import Actor, Role
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib import codes
from scoreport.lib.clock import local_date
from scoreport.lib.locks import Lock, hold
from scoreport.lib.secrets import digests
from scoreport.lib.text import clean
from scoreport.organizations import code_notifications
from scoreport.organizations.actions.terms import TermsChanged, note_acceptance
from scoreport.organizations.actions.themself import require_themself
from scoreport.organizations.letters import PURPOSE
from scoreport.organizations.models import AccessCode, AccessRequest, CodeTry, Membership, Organization, Redemption
from scoreport.organizations.queries import find
from scoreport.organizations.queries.managers import managers_of
from scoreport.organizations.queries.staff import held_staff_role
from scoreport.organizations.rules import OrganizationInfo, role_end
from scoreport.organizations.rules.codes import (
    OF_ACCOUNT,
    OF_ADDRESS,
    OF_ORGANIZATION,
    REMEMBERED,
    CodeState,
    Tool,
    state_of,
    waits_until,
)
from scoreport.organizations.rules.contacts import STAFF_WAIT
from scoreport.organizations.rules.requests import AnswerState, Asked
from scoreport.organizations.rules.terms import VERSION


class CodeRefused(access.Refused):
    """A code opens nothing here."""


class CodeSpent(CodeRefused):
    """The code is this institution's, but it was used or taken out of use."""


class NotForStaff(CodeRefused):
    """Program staff, and people who were, redeem no codes; neither does the person who issued one."""


class RequestedAlready(access.Refused):
    """The person waits for an answer of the access managers already, so the code would be wasted."""


class WaitFirst(CodeRefused):
    """Too many codes were wrong; the next one has to wait."""


class ManagesAlready(access.Refused):
    """The person is an access manager there already, so the code would be wasted on them."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What redeeming a code did: ``ends_on`` is the role's last day, None where access managers have to confirm it."""

    organization: OrganizationInfo
    ends_on: dt.date | None
    request_id: int | None


def check_code(
    actor: Actor, *, organization: str, code: str, tool: Tool = Tool.MANAGING_ACCESS, at: dt.datetime
) -> None:
    """Return when a code opens a tool for an institution, without using it; wrong ones are counted.

    Raises :class:`CodeRefused` in one sentence for every code that is not this institution's,
    :class:`CodeSpent`, :class:`WaitFirst`, :class:`NotForStaff`, :class:`ManagesAlready`, :class:`RequestedAlready`,
    :class:`scoreport.organizations.queries.UnknownOrganization` and :class:`scoreport.access.NotAllowed`.
    """
    person = require_themself(actor)
    place = find(clean(organization))
    _refuse_manager(person, place, at)
    _refuse_staff(actor, person, place, tool, since=at - STAFF_WAIT, at=at)
    row = _entered(actor, person, place, tool, code, at=at)
    _refuse_issuer(actor, person, place, row, at)


def redeem(
    actor: Actor,
    *,
    organization: str,
    code: str,
    terms: str,
    tool: Tool = Tool.MANAGING_ACCESS,
    at: dt.datetime,
) -> Redeemed:
    """Use a code up: the person accepts this version of the terms and becomes access manager, all of it or nothing.

    Where the institution, or one above it, has an access manager, they have to confirm it: the person gets no role
    before. Everybody who manages access there, and the contact on file, get an email. Of many who redeem one code at
    the same time one succeeds. Raises what :func:`check_code` raises, and
    :class:`scoreport.organizations.actions.terms.TermsChanged`.
    """
    person = require_themself(actor)
    place = find(clean(organization))
    if terms != VERSION:
        raise TermsChanged(_("The terms and conditions have changed. Read the new ones and accept those."))
    _refuse_manager(person, place, at)
    _refuse_staff(actor, person, place, tool, since=at - STAFF_WAIT, at=at)
    # A try of its own transaction: it stays counted when what follows is refused.
    found = _entered(actor, person, place, tool, code, at=at)
    _refuse_issuer(actor, person, place, found, at)
    with transaction.atomic():
        _lock_line(place)
        _refuse_manager(person, place, at)
        is_request = _needs_confirmation(person, place, at)
        _take(found, person, at)
        note_acceptance(actor, person=person, place=place, at=at)
        _record(actor, Verb.CODE_REDEEMED, person, place, found, at=at, tool=tool.value)
        done = (_request if is_request else _give)(actor, person, place, found, at)
        code_notifications.redeemed(
            actor, person=person, place=place, hint=found.hint, issued_by=found.issued_by, is_request=is_request, at=at
        )
    return done


def _lock_line(place: OrganizationInfo) -> None:
    """Let nobody become or cease to be an access manager of the line until the transaction ends."""
    list(Organization.objects.select_for_update().filter(pk__in=place.lineage).order_by("pk"))


def _needs_confirmation(person: PersonInfo, place: OrganizationInfo, at: dt.datetime) -> bool:
    """Tell whether access managers have to confirm; a person who manages access above may give the role anyway."""
    managers = {manager.person_id for manager in managers_of(place, at)}
    return bool(managers) and person.id not in managers


def _give(actor: Actor, person: PersonInfo, place: OrganizationInfo, found: AccessCode, at: dt.datetime) -> Redeemed:
    """Make the person access manager."""
    last_day = role_end(local_date(at, place.time_zone), years=settings.ROLE_ENDS_AFTER_YEARS)
    Membership.objects.update_or_create(
        user_id=person.id,
        organization_id=place.id,
        role=Role.ACCESS_MANAGER.value,
        revoked_at=None,
        defaults={
            "ends_on": last_day,
            "granted_at": at,
            "granted_by": _granted_by(found),
            "granted_by_id": found.issued_by_id,
        },
    )
    _record(
        actor, Verb.MEMBERSHIP_GRANTED, person, place, found, at=at,
        role=Role.ACCESS_MANAGER.value, ends_on=last_day.isoformat(),
    )  # fmt: skip
    return Redeemed(organization=place, ends_on=last_day, request_id=None)


def _request(actor: Actor, person: PersonInfo, place: OrganizationInfo, found: AccessCode, at: dt.datetime) -> Redeemed:
    """Ask the access managers to confirm the role: as a request for it that names the code."""
    row = AccessRequest.objects.create(
        asked_for=Asked.ROLE.value, user_id=person.id, organization_id=place.id, role=Role.ACCESS_MANAGER.value,
        why="", code_hint=found.hint, asked_at=at,
    )  # fmt: skip
    _record(
        actor, Verb.ACCESS_ASKED, person, place, found, at=at,
        asked_for=Asked.ROLE.value, role=Role.ACCESS_MANAGER.value,
    )  # fmt: skip
    return Redeemed(organization=place, ends_on=None, request_id=row.pk)


def _take(row: AccessCode, person: PersonInfo, at: dt.datetime) -> None:
    """Mark a code as used by somebody: one UPDATE that must hit one row, and a row that can be there once."""
    still_open = AccessCode.objects.filter(pk=row.pk, used_at__isnull=True, revoked_at__isnull=True)
    if still_open.update(used_at=at, used_by=person.as_text) != 1:
        row.refresh_from_db()
        raise CodeSpent(_spent(row))
    Redemption.objects.create(code_id=row.pk, user_id=person.id, at=at)


def _refuse_staff(
    actor: Actor, person: PersonInfo, place: OrganizationInfo, tool: Tool, *, since: dt.datetime, at: dt.datetime
) -> None:
    """Raise :class:`NotForStaff` for a person who is, or was at any time since, program staff; it is recorded."""
    if held_staff_role(person.id, since=since):
        _record_refused(actor, person, place, tool, "program-staff", at)
        raise NotForStaff(
            _(
                "You are, or were until lately, program staff. Program staff cannot use access codes. If you work at"
                " this institution now, ask its access manager for a role."
            )
        )


def _refuse_issuer(actor: Actor, person: PersonInfo, place: OrganizationInfo, row: AccessCode, at: dt.datetime) -> None:
    """Raise :class:`NotForStaff` for the issuer of a code, and for all who were program staff when it was issued."""
    _refuse_staff(actor, person, place, Tool(row.tool), since=row.issued_at, at=at)
    if row.issued_by_id == person.id:
        _record_refused(actor, person, place, Tool(row.tool), "issuer", at)
        raise NotForStaff(_("You issued this code, so you cannot use it."))


def _record_refused(
    actor: Actor, person: PersonInfo, place: OrganizationInfo, tool: Tool, why: str, at: dt.datetime
) -> None:
    with transaction.atomic():
        record(
            actor, verb=Verb.CODE_REFUSED, at=at, organization=place.code, subject_kind="person",
            subject=person.as_text, subject_id=person.id, tool=tool.value, why=why,
        )  # fmt: skip


def _refuse_manager(person: PersonInfo, place: OrganizationInfo, at: dt.datetime) -> None:
    held = Membership.objects.filter(
        user_id=person.id, organization_id=place.id, role=Role.ACCESS_MANAGER.value, revoked_at__isnull=True
    ).first()
    if held and local_date(at, place.time_zone) <= held.ends_on:
        message = _("You are an access manager of %(organization)s already. The code was not used.")
        raise ManagesAlready(message % {"organization": place.name})
    asked = AccessRequest.objects.filter(
        user_id=person.id, organization_id=place.id, asked_for=Asked.ROLE.value, role=Role.ACCESS_MANAGER.value,
        state=AnswerState.OPEN.value,
    )  # fmt: skip
    if asked.exists():
        message = _(
            "You have asked the access managers of %(organization)s for this role already. They have to answer first."
            " The code was not used."
        )
        raise RequestedAlready(message % {"organization": place.name})


def _entered(
    actor: Actor, person: PersonInfo, place: OrganizationInfo, tool: Tool, code: str, *, at: dt.datetime
) -> AccessCode:
    """Return the code that was entered, or count a wrong one; whatever was entered, the same is asked and written."""
    entered = codes.normalized(code)
    if not entered:
        raise CodeRefused(_("Enter the code from your mail or letter."))
    with transaction.atomic():
        # One code is tried at a time, so that many at once cannot all be the last free one.
        hold(Lock.CODE_TRIES)
        _wait_or_go_on(person, actor.address, place, at)
        row = AccessCode.objects.filter(
            organization_id=place.id, tool=tool.value, digest__in=digests(entered, PURPOSE)
        ).first()
        state = _state(row, place, at) if row else None
        is_right = state is CodeState.OPEN
        CodeTry.objects.create(
            at=at, user_id=person.id, address=actor.address, organization_id=place.id, was_right=is_right
        )
        if not is_right:
            _record_refused(actor, person, place, tool, state.value if state else "wrong", at)
    if row is None:
        message = _(
            "This code does not open “%(tool)s” for %(organization)s. Compare it with your mail or letter, and check"
            " the institution: a code works for one institution only."
        )
        raise CodeRefused(message % {"tool": tool.label, "organization": place.name})
    if not is_right:
        raise CodeSpent(_spent(row))
    return row


def _wait_or_go_on(person: PersonInfo, address: str, place: OrganizationInfo, at: dt.datetime) -> None:
    """Raise :class:`WaitFirst` when this person, this address or this institution has had too many wrong codes."""
    near = Q(user_id=person.id) | Q(organization_id=place.id)
    if address:
        near |= Q(address=address)
    wrong = CodeTry.objects.filter(near, was_right=False, at__gt=at - REMEMBERED)
    rows = list(wrong.values_list("at", "user_id", "address", "organization_id"))
    waits = (
        waits_until([when for when, user, _address, _place in rows if user == person.id], OF_ACCOUNT),
        waits_until([when for when, _user, used, _place in rows if used and used == address], OF_ADDRESS),
        waits_until([when for when, _user, _address, where in rows if where == place.id], OF_ORGANIZATION),
    )
    until = max((wait for wait in waits if wait), default=at)
    if until > at:
        raise WaitFirst(_wait_sentence(until - at))


def _wait_sentence(left: dt.timedelta) -> str:
    seconds = -(-left // dt.timedelta(seconds=1))
    if seconds < 60:  # noqa: PLR2004 - a minute
        message = ngettext(
            "Too many codes were wrong. Try again in %(count)d second.",
            "Too many codes were wrong. Try again in %(count)d seconds.",
            seconds,
        )
        return message % {"count": seconds}
    minutes = -(-seconds // 60)
    message = ngettext(
        "Too many codes were wrong. Try again in %(count)d minute.",
        "Too many codes were wrong. Try again in %(count)d minutes.",
        minutes,
    )
    return message % {"count": minutes}


def _state(row: AccessCode, place: OrganizationInfo, at: dt.datetime) -> CodeState:
    today = local_date(at, place.time_zone)
    return state_of(year=row.year, revoked_at=row.revoked_at, used_at=row.used_at, today=today)


def _spent(row: AccessCode) -> str:
    """Say what became of a code to somebody who holds it; who used it is not theirs to know."""
    zone = row.organization.time_zone
    if row.revoked_at is not None:
        message = _("This code was taken out of use on %(day)s. Ask for a new one.")
        return message % {"day": local_date(row.revoked_at, zone).isoformat()}
    if row.used_at is not None:
        message = _(
            "This code was used on %(day)s, and it works once. Ask an access manager of %(organization)s for a role,"
            " or ask for a new code."
        )
        return message % {"day": local_date(row.used_at, zone).isoformat(), "organization": row.organization.name}
    return _("This code was for an academic year that is over. Ask for a new one.")


def _granted_by(row: AccessCode) -> str:
    """Say who vouched for the person: whoever issued the code."""
    return f"access code …{row.hint}, {row.issued_by}"


def _record(
    actor: Actor,
    verb: Verb,
    person: PersonInfo,
    place: OrganizationInfo,
    row: AccessCode,
    *,
    at: dt.datetime,
    **detail: str,
) -> None:
    record(
        actor,
        verb=verb,
        at=at,
        organization=place.code,
        subject_kind="person",
        subject=person.as_text,
        subject_id=person.id,
        code=f"…{row.hint}",
        **detail,
    )
