"""The profile of an organization: its CLEP coordinator, alternate coordinator and billing contact."""

import datetime as dt
from dataclasses import asdict

from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission, Role
from scoreport.accounts.queries import UnknownPerson
from scoreport.accounts.rules import PasswordLink
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean
from scoreport.organizations.actions import add_person, revoke_role
from scoreport.organizations.actions.memberships import NoSuchRole
from scoreport.organizations.rules import OrganizationInfo
from scoreport.vouchers import queries
from scoreport.vouchers.models import VoucherProfile
from scoreport.vouchers.rules import Contact, ProfileInfo

_ROLES = {
    "coordinator": Role.CLEP_COORDINATOR,
    "alternate": Role.CLEP_ALTERNATE,
    "billing": Role.CLEP_BILLING,
}


def set_profile(
    actor: Actor,
    *,
    organization: OrganizationInfo,
    program: str,
    coordinator: Contact,
    billing: Contact,
    alternate: Contact | None = None,
    at: dt.datetime,
) -> dict[str, PasswordLink]:
    """Save an organization's profile, give its people their roles, and return links for new accounts by address.

    A person who is no longer in the profile loses that role. Earlier profiles are kept. Raises
    :class:`scoreport.access.NotAllowed` and what adding a person raises.
    """
    access.require(actor, Permission.VOUCHER_PROFILE_SET, organization.place)
    named = {"coordinator": coordinator, "alternate": alternate, "billing": billing}
    contacts = {part: _cleaned(contact) for part, contact in named.items() if contact}
    with transaction.atomic():
        before = queries.profile_of(actor, organization, program=program)
        links = {
            contact.email: link
            for part, contact in contacts.items()
            if (link := _give(actor, organization, _ROLES[part], contact, at))
        }
        _take(actor, organization, before, contacts, at)
        VoucherProfile.objects.create(
            organization_id=organization.id,
            program=program,
            coordinator=asdict(contacts["coordinator"]),
            alternate=asdict(contacts["alternate"]) if "alternate" in contacts else None,
            billing=asdict(contacts["billing"]),
            saved_at=at,
            saved_by=actor.name,
        )
        record(
            actor, verb=Verb.VOUCHER_PROFILE_SET, at=at, organization=organization.code, subject_kind="voucher-profile",
            subject=program, **{part: contact.email for part, contact in contacts.items()},
        )  # fmt: skip
    return links


def _cleaned(contact: Contact) -> Contact:
    email = clean(contact.email).strip().lower()
    return Contact(email, clean(contact.name).strip() or email.partition("@")[0], clean(contact.phone).strip())


def _give(
    actor: Actor, organization: OrganizationInfo, role: Role, contact: Contact, at: dt.datetime
) -> PasswordLink | None:
    added = add_person(actor, email=contact.email, name=contact.name, organization=organization.code, role=role, at=at)
    return added.link


def _take(
    actor: Actor,
    organization: OrganizationInfo,
    before: ProfileInfo | None,
    contacts: dict[str, Contact],
    at: dt.datetime,
) -> None:
    """Take their role from those who are not in the profile any more, where they still hold it."""
    if before is None:
        return
    for part, role in _ROLES.items():
        left: Contact | None = getattr(before, part)
        if left is None or (part in contacts and contacts[part].email == left.email):
            continue
        try:
            revoke_role(actor, email=left.email, organization=organization.code, role=role, at=at)
        except (NoSuchRole, UnknownPerson):
            continue
