"""An access code opens its tool to somebody, once; wrong ones are counted and have to wait."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
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
from scoreport.lib.secrets import digests
from scoreport.lib.text import clean
from scoreport.organizations.actions.terms import TermsChanged, note_acceptance
from scoreport.organizations.actions.themself import require_themself
from scoreport.organizations.letters import PURPOSE
from scoreport.organizations.models import AccessCode, CodeTry, Membership, Redemption
from scoreport.organizations.queries import find
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
from scoreport.organizations.rules.terms import VERSION

# Any number will do, as long as nothing else in the database locks by it.
_TRIES_LOCK = 0x5C09_C0DE


class CodeRefused(access.Refused):
    """A code opens nothing here."""


class CodeSpent(CodeRefused):
    """The code is this institution's, but it was used or taken out of use."""


class WaitFirst(CodeRefused):
    """Too many codes were wrong; the next one has to wait."""


class ManagesAlready(access.Refused):
    """The person is an access manager there already, so the code would be wasted on them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a code opened: the role of an access manager at an organization, until a day."""

    organization: OrganizationInfo
    ends_on: dt.date


def check_code(
    actor: Actor, *, organization: str, code: str, tool: Tool = Tool.MANAGING_ACCESS, at: dt.datetime
) -> None:
    """Return when a code opens a tool for an institution, without using it; wrong ones are counted.

    Raises :class:`CodeRefused` in one sentence for every code that is not this institution's,
    :class:`CodeSpent`, :class:`WaitFirst`, :class:`ManagesAlready`,
    :class:`scoreport.organizations.queries.UnknownOrganization` and :class:`scoreport.access.NotAllowed`.
    """
    person = require_themself(actor)
    place = find(clean(organization))
    _refuse_manager(person, place, at)
    _entered(actor, person, place, tool, code, at=at)


def redeem(
    actor: Actor,
    *,
    organization: str,
    code: str,
    terms: str,
    tool: Tool = Tool.MANAGING_ACCESS,
    at: dt.datetime,
) -> Opened:
    """Use a code up: the person accepts this version of the terms and becomes access manager, all of it or nothing.

    Of many who do so with one code at the same time one succeeds. Raises what :func:`check_code` raises, and
    :class:`scoreport.organizations.actions.terms.TermsChanged`.
    """
    person = require_themself(actor)
    place = find(clean(organization))
    if terms != VERSION:
        raise TermsChanged(_("The terms and conditions have changed. Read the new ones and accept those."))
    _refuse_manager(person, place, at)
    # A try of its own transaction: it stays counted when what follows is refused.
    found = _entered(actor, person, place, tool, code, at=at)
    last_day = role_end(local_date(at, place.time_zone), years=settings.ROLE_ENDS_AFTER_YEARS)
    with transaction.atomic():
        _take(found, person, at)
        Membership.objects.update_or_create(
            user_id=person.id,
            organization_id=place.id,
            role=Role.ACCESS_MANAGER.value,
            revoked_at=None,
            defaults={"ends_on": last_day, "granted_at": at, "granted_by": _granted_by(found)},
        )
        note_acceptance(actor, person=person, place=place, at=at)
        _record(actor, Verb.CODE_REDEEMED, person, place, found, at=at, tool=tool.value)
        _record(
            actor, Verb.MEMBERSHIP_GRANTED, person, place, found, at=at,
            role=Role.ACCESS_MANAGER.value, ends_on=last_day.isoformat(),
        )  # fmt: skip
    return Opened(organization=place, ends_on=last_day)


def _take(row: AccessCode, person: PersonInfo, at: dt.datetime) -> None:
    """Mark a code as used by somebody: one UPDATE that must hit one row, and a row that can be there once."""
    still_open = AccessCode.objects.filter(pk=row.pk, used_at__isnull=True, revoked_at__isnull=True)
    if still_open.update(used_at=at, used_by=person.as_text) != 1:
        row.refresh_from_db()
        raise CodeSpent(_spent(row))
    Redemption.objects.create(code_id=row.pk, user_id=person.id, at=at)


def _refuse_manager(person: PersonInfo, place: OrganizationInfo, at: dt.datetime) -> None:
    held = Membership.objects.filter(
        user_id=person.id, organization_id=place.id, role=Role.ACCESS_MANAGER.value, revoked_at__isnull=True
    ).first()
    if held and local_date(at, place.time_zone) <= held.ends_on:
        message = _("You are an access manager of %(organization)s already. The code was not used.")
        raise ManagesAlready(message % {"organization": place.name})


def _entered(
    actor: Actor, person: PersonInfo, place: OrganizationInfo, tool: Tool, code: str, *, at: dt.datetime
) -> AccessCode:
    """Return the code that was entered, or count a wrong one; whatever was entered, the same is asked and written."""
    with transaction.atomic():
        _one_after_the_other()
        _wait_or_go_on(person, actor.address, place, at)
        row = AccessCode.objects.filter(
            organization_id=place.id, tool=tool.value, digest__in=digests(codes.normalized(clean(code)), PURPOSE)
        ).first()
        state = _state(row, place, at) if row else None
        is_right = state is CodeState.OPEN
        CodeTry.objects.create(
            at=at, user_id=person.id, address=actor.address, organization_id=place.id, was_right=is_right
        )
        if not is_right:
            record(
                actor,
                verb=Verb.CODE_REFUSED,
                at=at,
                organization=place.code,
                subject_kind="person",
                subject=person.as_text,
                subject_id=person.id,
                tool=tool.value,
                why=state.value if state else "wrong",
            )
    if row is None:
        message = _(
            "This code does not open “%(tool)s” for %(organization)s. Compare it with your mail or letter, and check"
            " the institution: a code works for one institution only."
        )
        raise CodeRefused(message % {"tool": tool.label, "organization": place.name})
    if not is_right:
        raise CodeSpent(_spent(row))
    return row


def _one_after_the_other() -> None:
    """Let one code be tried at a time, so that many at once cannot all be the last free one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TRIES_LOCK])


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
