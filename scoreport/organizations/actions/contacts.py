"""Naming the contact on file of an organization: proposed by one member of program staff, approved by another."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.accounts.rules import normalized_email
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind
from scoreport.lib.text import clean
from scoreport.organizations import code_delivery, code_notifications, contact_changes, holding, telling
from scoreport.organizations.models import Organization
from scoreport.organizations.queries import find
from scoreport.organizations.queries.managers import managers_of
from scoreport.organizations.queries.staff import staff_addresses
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.contacts import CONTACT_WAIT, STAFF_WAIT

_KIND = ApprovalKind.CONTACT_CHANGE


class ContactRefused(access.Refused):
    """A name and an address that cannot be those of a contact."""


def ask_contact(
    actor: Actor, *, organization: str, name: str, email: str, reason: str, at: dt.datetime
) -> ApprovalInfo:
    """Ask to name a contact; raises :class:`ContactRefused` and what :func:`scoreport.approvals.actions.ask` raises."""
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    place = find(clean(organization))
    new_name, address = _checked(place, name, email, at)
    subject = _("Name the contact for access codes of %(organization)s (%(code)s): %(name)s, %(email)s")
    return code_delivery.ask(
        actor, kind=_KIND, reason=reason, organization=place.code, place=place.place, at=at,
        subject=subject % {
            "organization": place.name, "code": place.ai_code or place.code, "name": new_name, "email": address,
        },
        parameters=code_delivery.contact_parameters(name=new_name, email=address),
    )  # fmt: skip


def change_contact(actor: Actor, *, organization: str, name: str, email: str, at: dt.datetime) -> None:
    """Name the contact of an organization, as a second member of program staff has approved it.

    The former contact and the access managers get an email. Codes can be emailed to a new address after 72 hours.
    Raises :class:`ContactRefused`, :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`scoreport.approvals.actions.ApprovalNeeded`.
    """
    access.require(actor, Permission.ACCESS_CODE_ISSUE)
    place = find(clean(organization))
    new_name, address = _checked(place, name, email, at)
    with transaction.atomic():
        holding.lock(place)
        wanted = code_delivery.contact_parameters(name=new_name, email=address)
        code_delivery.require(actor, _KIND, wanted, place.code, at)
        row = Organization.objects.get(pk=place.id)
        before = row.contact_email
        codes_from = row.contact_codes_from if before == address else at + CONTACT_WAIT
        Organization.objects.filter(pk=place.id).update(
            contact_name=new_name,
            contact_email=address,
            contact_codes_from=None if actor.is_trusted else codes_from,
        )
        contact_changes.record_changed(actor, place=place, before=before, after=address, at=at)
        if before != address:
            _tell(actor, place, before=before, after=address, at=at)


def _tell(actor: Actor, place: OrganizationInfo, *, before: str, after: str, at: dt.datetime) -> None:
    readers = {one.email: telling.told_of(one) for one in managers_of(place, at)}
    if before:
        readers.setdefault(before, code_notifications.contact_reader(before))
    code_notifications.contact_changed(
        actor, readers=readers.values(), changes=[code_notifications.change_line(place.name, before, after)], at=at
    )


def _checked(place: OrganizationInfo, name: str, email: str, at: dt.datetime) -> tuple[str, str]:
    """Return name and address as they are stored."""
    new_name, address = clean(name), normalized_email(email)
    if not new_name:
        raise ContactRefused(_("Enter the name of the contact."))
    try:
        validate_email(address)
    except ValidationError as error:
        raise ContactRefused(_('Not a valid email address: "%(email)s".') % {"email": email}) from error
    if address in staff_addresses(since=at - STAFF_WAIT):
        raise ContactRefused(_("This address belongs to a person who is, or was within the last year, program staff."))
    row = Organization.objects.get(pk=place.id)
    if (row.contact_name, row.contact_email) == (new_name, address):
        raise ContactRefused(_("This is the contact on file already."))
    return new_name, address
