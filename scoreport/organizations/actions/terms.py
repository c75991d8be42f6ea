"""Accepting the terms and conditions: which version, when, from where."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.accounts.queries import person_by_id
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations.models import TermsAcceptance
from scoreport.organizations.queries import info
from scoreport.organizations.queries import organization as organization_seen_by
from scoreport.organizations.queries.terms import own_place
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.terms import VERSION


class TermsChanged(access.Refused):
    """What was accepted is not the present version."""


def accept(actor: Actor, *, organization: str, version: str, at: dt.datetime) -> None:
    """Accept the present terms as an access manager, for the organization where the role is held; again is the same.

    Raises :class:`scoreport.organizations.queries.UnknownOrganization`,
    :class:`scoreport.access.NotAllowed`, :class:`TermsChanged`.
    """
    place = organization_seen_by(actor, organization)
    access.require(actor, Permission.PEOPLE_GRANT, place.place)
    if version != VERSION:
        raise TermsChanged(_("The terms and conditions have changed. Read the new ones and accept those."))
    held_at = own_place(actor, place)
    if held_at is None or actor.person_id is None:
        return
    with transaction.atomic():
        note_acceptance(actor, person=person_by_id(actor.person_id), place=info(held_at), at=at)


def note_acceptance(actor: Actor, *, person: PersonInfo, place: OrganizationInfo, at: dt.datetime) -> None:
    """Store and record, in the caller's transaction, that somebody accepted the present terms; once for each place."""
    _row, is_new = TermsAcceptance.objects.get_or_create(
        user_id=person.id,
        organization_id=place.id,
        version=VERSION,
        defaults={"accepted_at": at, "address": actor.address},
    )
    if is_new:
        record(
            actor,
            verb=Verb.TERMS_ACCEPTED,
            at=at,
            organization=place.code,
            subject_kind="person",
            subject=person.as_text,
            subject_id=person.id,
            version=VERSION,
        )
