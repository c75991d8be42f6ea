"""Asking a second member of program staff to let an access code leave by another way than to the contact on file."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind, Parameters
from scoreport.lib.text import clean
from scoreport.organizations import code_delivery
from scoreport.organizations.queries import find
from scoreport.organizations.queries.codes import chosen
from scoreport.organizations.queries.requests import code_request
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import Tool

_KIND = ApprovalKind.CODE_DELIVERY


def ask_to_print(
    actor: Actor, *, organization: str, tool: Tool = Tool.MANAGING_ACCESS, reason: str, at: dt.datetime
) -> ApprovalInfo:
    """Ask to print one access code; raises what :func:`scoreport.approvals.actions.ask` raises."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    place = find(clean(organization))
    subject = _("Print an access code for %(organization)s (%(code)s)") % _names(place)
    return _ask(actor, place, code_delivery.on_paper(tool), subject, reason, at)


def ask_to_send(
    actor: Actor, *, request_id: int, organization: str | None = None, reason: str, at: dt.datetime
) -> ApprovalInfo:
    """Ask to email a code to the person who asked for it.

    Raises what :func:`ask_to_print` raises, and :class:`scoreport.organizations.code_delivery.InstitutionUnknown`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    found = code_request(actor, request_id)
    place = code_delivery.place_of_request(found, organization)
    subject = _("Email an access code for %(organization)s (%(code)s) to %(person)s, %(email)s")
    names = _names(place) | {"person": found.person, "email": found.email}
    wanted = code_delivery.by_email(request_id=found.id, to=found.email)
    return _ask(actor, place, wanted, subject % names, reason, at)


def ask_to_print_many(
    actor: Actor,
    *,
    under: str | None,
    tool: Tool = Tool.MANAGING_ACCESS,
    only_without_manager: bool,
    only_with_contact: bool = False,
    send: bool = False,
    reason: str,
    at: dt.datetime,
) -> ApprovalInfo:
    """Ask to print the codes of a bulk: for exactly the organizations that it chooses now."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    found = chosen(
        actor, under=under, only_without_manager=only_without_manager, only_with_contact=only_with_contact, at=at
    )
    wanted = code_delivery.many_on_paper(
        tool, found, only_without_manager=only_without_manager, only_with_contact=only_with_contact, send=send
    )
    count = int(wanted["count"] or 0)
    subject = ngettext("Print %(count)d access code: %(where)s", "Print %(count)d access codes: %(where)s", count)
    above = find(clean(under)) if under is not None else None
    where = _("for all institutions on file")
    if above is not None:
        where = _("for %(organization)s (%(code)s) and those under it") % _names(above)
    return _ask(actor, above, wanted, subject % {"count": count, "where": where}, reason, at)


def _ask(
    actor: Actor, place: OrganizationInfo | None, wanted: Parameters, subject: str, reason: str, at: dt.datetime
) -> ApprovalInfo:
    return code_delivery.ask(
        actor, kind=_KIND, subject=subject, reason=reason, parameters=wanted,
        organization=place.code if place else "", place=place.place if place else None, at=at,
    )  # fmt: skip


def _names(place: OrganizationInfo) -> dict[str, str]:
    return {"organization": place.name, "code": place.ai_code or place.code}
