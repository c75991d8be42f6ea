"""Saved views: one's own, and a colleague's by its link."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.organizations.queries import infos
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.models import SavedView
from scoreport.reports.rules import SavedViewInfo


class UnknownView(NotFound):
    """There is no such view, or its reports are not for the reader."""


def saved_views(
    actor: Actor, organization: OrganizationInfo | None = None, *, program: str = ""
) -> tuple[SavedViewInfo, ...]:
    """Return the views that a person saved (for one organization, for one program), by name."""
    if actor.person_id is None:
        return ()
    rows = SavedView.objects.filter(owner_id=actor.person_id)
    rows = rows if organization is None else rows.filter(organization_id=organization.id)
    rows = rows.filter(program=program) if program else rows
    return _infos(actor, list(rows.order_by("name", "id")))


def saved_view(actor: Actor, slug: str) -> SavedViewInfo:
    """Return the view that a link opens, for whoever may open reports of its organization.

    It carries what was asked and no answer: what it shows is decided by the reader's own roles.
    Raises :class:`UnknownView`.
    """
    found = _infos(actor, list(SavedView.objects.filter(slug=slug)))
    if not found:
        raise UnknownView(_("There is no such saved view."))
    return found[0]


def _infos(actor: Actor, rows: list[SavedView]) -> tuple[SavedViewInfo, ...]:
    organizations = infos({row.organization_id for row in rows})
    reached = {
        number: organization
        for number, organization in organizations.items()
        if access.can(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    }
    return tuple(
        SavedViewInfo(
            id=row.pk,
            slug=row.slug,
            name=row.name,
            program=row.program,
            organization=reached[row.organization_id],
            params=parameters_shown(actor, row.parameters, reached[row.organization_id]),
            is_mine=row.owner_id == actor.person_id,
        )
        for row in rows
        if row.organization_id in reached
    )


def parameters_shown(
    actor: Actor, parameters: Mapping[str, list[str]], organization: OrganizationInfo
) -> dict[str, list[str]]:
    """Return what a view asks for; a name that was searched for is not for those who may see no names."""
    if access.can(actor, Permission.SCORES_ROSTER_READ, organization.place):
        return dict(parameters)
    return {name: values for name, values in parameters.items() if name != "q"}
