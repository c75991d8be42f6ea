"""Views of a report that people keep under a name."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports import queries
from scoreport.reports.models import SavedView
from scoreport.reports.rules import RosterQuery, SavedViewInfo

_LONGEST_NAME = 80


class NobodyToKeepItFor(Refused):
    """Only a person who signed in can keep a view."""


class ViewNameMissing(Refused):
    """A view needs a name."""


class ViewNameTaken(Refused):
    """The person has another view of this name."""


def save_view(
    actor: Actor, *, organization: OrganizationInfo, name: str, query: RosterQuery, at: datetime
) -> SavedViewInfo:
    """Keep a query under a name of the person's own.

    Raises :class:`scoreport.access.NotAllowed`, :class:`ViewNameMissing`, :class:`ViewNameTaken`.
    """
    access.require(actor, Permission.REPORT_VIEW_KEEP, organization.place)
    slug = secrets.token_urlsafe(12)
    with transaction.atomic():
        view = SavedView(
            owner_id=_person(actor),
            organization_id=organization.id,
            slug=slug,
            program=query.program,
            name=_name(name),
            parameters=query.to_params(page=False),
            created_at=at,
            changed_at=at,
        )
        _store(view)
        record(
            actor, verb=Verb.REPORT_VIEW_SAVED, at=at, organization=organization.code, subject_kind="saved-view",
            subject=str(view.pk),
        )  # fmt: skip
    return queries.saved_view(actor, slug)


def rename_view(actor: Actor, *, view_id: int, name: str, at: datetime) -> SavedViewInfo:
    """Give a saved view another name; its link stays.

    Raises :class:`scoreport.reports.queries.UnknownView`, :class:`ViewNameMissing`, :class:`ViewNameTaken`.
    """
    with transaction.atomic():
        view = _own(actor, view_id)
        view.name, view.changed_at = _name(name), at
        _store(view)
        record(actor, verb=Verb.REPORT_VIEW_RENAMED, at=at, subject_kind="saved-view", subject=str(view.pk))
    return queries.saved_view(actor, view.slug)


def delete_view(actor: Actor, *, view_id: int, at: datetime) -> None:
    """Remove a saved view; its link opens nothing from then on.

    Raises :class:`scoreport.reports.queries.UnknownView`.
    """
    with transaction.atomic():
        view = _own(actor, view_id)
        SavedView.objects.filter(pk=view.pk).delete()
        record(actor, verb=Verb.REPORT_VIEW_DELETED, at=at, subject_kind="saved-view", subject=str(view_id))


def _own(actor: Actor, view_id: int) -> SavedView:
    view = SavedView.objects.filter(pk=view_id, owner_id=_person(actor)).select_for_update().first()
    if view is None:
        raise queries.UnknownView(_("There is no such saved view."))
    return view


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise NobodyToKeepItFor(_("A view is kept for a person, and nobody has signed in."))
    return actor.person_id


def _name(text: str) -> str:
    name = clean(text)[:_LONGEST_NAME].strip()
    if not name:
        raise ViewNameMissing(_("Give the view a name, so that you find it again."))
    return name


def _store(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ViewNameTaken(_("You have another view of this name. Choose a different one.")) from None
