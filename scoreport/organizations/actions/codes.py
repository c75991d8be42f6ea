"""Issuing access codes, one or many, and taking them out of use."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.approvals.rules import ApprovalKind
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib import codes
from scoreport.lib.text import clean
from scoreport.organizations import code_delivery, code_notifications, letters
from scoreport.organizations.models import AccessCode
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import UnknownCode, chosen, code_info, contact_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import CodeInfo, IssuedCode, Recipient, Tool
from scoreport.organizations.rules.contacts import ContactProblem


class NoContact(access.Refused):
    """There is no contact on file to whom a code could be emailed now."""


class CodeIsUsed(access.Refused):
    """The code was used, so there is nothing left to take out of use."""


class SeveralCodes(access.Refused):
    """Two codes end alike, so that the last characters do not tell which one is meant."""


def issue(
    actor: Actor,
    *,
    organization: str,
    tool: Tool = Tool.MANAGING_ACCESS,
    at: dt.datetime,
    send: bool = False,
    replace: bool = False,
) -> IssuedCode:
    """Issue a code; nobody can read it again after this answer. ``organization`` is an AI code or an operator's id.

    ``send`` emails it to the contact on file; otherwise it is printed, which a second member of program staff has to
    approve first. ``replace`` takes earlier codes that nobody has used out of use. Raises
    :class:`scoreport.organizations.queries.UnknownOrganization`, :class:`NoContact`,
    :class:`scoreport.approvals.actions.ApprovalNeeded`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    place = find(clean(organization))
    to = usable_contact(actor, place=place, at=at) if send else None
    with transaction.atomic():
        if to is None:
            code_delivery.require(actor, ApprovalKind.CODE_DELIVERY, code_delivery.on_paper(tool), place.code, at)
        gone = _take_out(actor, [place.id], tool, at) if replace else []
        issued = letters.generate(actor, place, tool, to=to, at=at)
        _record_revoked(actor, {place.id: place}, gone, at)
        record_issued(actor, issued=issued, at=at)
        if to is None:
            code_notifications.issued_elsewhere(actor, [issued], at=at)
    return issued


def issue_many(
    actor: Actor,
    *,
    under: str | None = None,
    tool: Tool = Tool.MANAGING_ACCESS,
    only_without_manager: bool = False,
    only_with_contact: bool = False,
    send: bool = False,
    replace: bool = True,
    at: dt.datetime,
) -> tuple[IssuedCode, ...]:
    """Issue a code to an organization and all under it, or to all there are: every one of them, or none.

    ``send`` emails each to the contact on file; those whose contact cannot get one have an empty ``sent_to``, to be
    printed, which a second member of program staff has to approve first for exactly these organizations. Raises
    :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`scoreport.approvals.actions.ApprovalNeeded`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    found = chosen(
        actor, under=under, only_without_manager=only_without_manager, only_with_contact=only_with_contact, at=at
    )
    places = {standing.info.id: standing.info for standing in found}
    printed = {one.info.id for one in code_delivery.to_print(found, send=send)}
    with transaction.atomic():
        if printed:
            wanted = code_delivery.many_on_paper(
                tool, found, only_without_manager=only_without_manager, only_with_contact=only_with_contact, send=send
            )
            code_delivery.require(actor, ApprovalKind.CODE_DELIVERY, wanted, _code_of(under), at)
        gone = _take_out(actor, list(places), tool, at) if replace else []
        issued = [
            letters.generate(actor, one.info, tool, to=None if one.info.id in printed else one.contact, at=at)
            for one in found
        ]
        _record_revoked(actor, places, gone, at)
        for one in issued:
            record_issued(actor, issued=one, at=at)
        code_notifications.issued_elsewhere(actor, [one for one in issued if not one.sent_to], at=at)
    return tuple(issued)


def revoke(actor: Actor, *, organization: str, code: str | int, at: dt.datetime) -> CodeInfo:
    """Take a code out of use at once; ``code`` is its number, or as text its last characters or its number.

    What a code opened when it was used stays open: that is a role, and is revoked as such. Raises
    :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`scoreport.organizations.queries.codes.UnknownCode`, :class:`CodeIsUsed`, :class:`SeveralCodes`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    place = find(clean(organization))
    with transaction.atomic():
        row = _meant(place, code)
        hit = AccessCode.objects.filter(pk=row.pk, used_at__isnull=True, revoked_at__isnull=True)
        if not hit.update(revoked_at=at, revoked_by=actor.name):
            row.refresh_from_db()
            raise CodeIsUsed(_why_not(row))
        row.refresh_from_db()
        _record_revoked(actor, {place.id: place}, [code_info(row)], at)
    return code_info(row)


def usable_contact(actor: Actor, *, place: OrganizationInfo, at: dt.datetime) -> Recipient:
    """Return the contact on file of an organization; raises :class:`NoContact` when it can get no code now."""
    contact = contact_of(actor, place, at=at)
    if contact.recipient is None or contact.problem is not None:
        problem = contact.problem or ContactProblem.MISSING
        raise NoContact(code_delivery.why_not(place, problem, contact.codes_from))
    return contact.recipient


def record_issued(actor: Actor, *, issued: IssuedCode, at: dt.datetime) -> None:
    """Record that a code was issued: for what, how it ends, and to which address it was sent."""
    record(
        actor,
        verb=Verb.CODE_ISSUED,
        at=at,
        organization=issued.organization.code,
        subject_kind="access-code",
        subject=f"…{issued.hint}",
        tool=issued.tool.value,
        sent_to=issued.sent_to,
    )


def _code_of(under: str | None) -> str:
    """Return the operator's id of the organization that a bulk is for; empty for all there are."""
    return find(clean(under)).code if under is not None else ""


def _take_out(actor: Actor, places: Sequence[int], tool: Tool, at: dt.datetime) -> list[CodeInfo]:
    """Take every code out of use that these organizations have and nobody has used; return them."""
    rows = AccessCode.objects.filter(
        organization_id__in=places, tool=tool.value, used_at__isnull=True, revoked_at__isnull=True
    )
    gone = []
    for row in rows.select_for_update().order_by("id"):
        hit = AccessCode.objects.filter(pk=row.pk, used_at__isnull=True, revoked_at__isnull=True)
        if hit.update(revoked_at=at, revoked_by=actor.name):
            gone.append(code_info(row))
    return gone


def _meant(place: OrganizationInfo, code: str | int) -> AccessCode:
    """Return the code with this number, or with these last characters; open ones go before others."""
    rows = AccessCode.objects.filter(organization_id=place.id)
    if isinstance(code, int):
        return _found(place, rows.filter(pk=code).first(), str(code))
    typed = codes.normalized(code)
    alike = list(rows.filter(hint=typed))
    still_open = [row for row in alike if row.used_at is None and row.revoked_at is None]
    if len(still_open) > 1:
        numbers = ", ".join(str(row.pk) for row in still_open)
        message = _("Several codes of %(organization)s end with %(hint)s. Say which one by its number: %(numbers)s.")
        raise SeveralCodes(message % {"organization": place.name, "hint": typed, "numbers": numbers})
    numbered = rows.filter(pk=int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 18 else rows.none()  # noqa: PLR2004 - what fits into a number of the database
    return _found(place, next(iter([*still_open, *alike, *numbered]), None), code)


def _found(place: OrganizationInfo, row: AccessCode | None, code: str) -> AccessCode:
    if row is None:
        message = _("%(organization)s has no access code that ends with, or is numbered, “%(code)s”.")
        raise UnknownCode(message % {"organization": place.name, "code": code})
    return row


def _why_not(row: AccessCode) -> str:
    if row.used_at is not None:
        message = _(
            "The code …%(hint)s was used by %(person)s and opens nothing any more."
            " To take back what it opened, revoke that person's role."
        )
        return message % {"hint": row.hint, "person": row.used_by}
    return _("The code …%(hint)s was revoked before.") % {"hint": row.hint}


def _record_revoked(
    actor: Actor, places: dict[int, OrganizationInfo], gone: Sequence[CodeInfo], at: dt.datetime
) -> None:
    for info in gone:
        record(
            actor,
            verb=Verb.CODE_REVOKED,
            at=at,
            organization=places[info.organization_id].code,
            subject_kind="access-code",
            subject=f"…{info.hint}",
            tool=info.tool.value,
        )
