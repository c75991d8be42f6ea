"""Reads of the tree of organizations, and who may do what in it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext as _

from scoreport.access import (
    Actor,
    NotFound,
    Permission,
    Place,
    PlaceKind,
    grants_for,
)
from scoreport.lib.text import clean
from scoreport.organizations.models import Organization, OrganizationQuerySet
from scoreport.organizations.queries.actors import organizations_held
from scoreport.organizations.rules import (
    Branch,
    OrganizationInfo,
    OrganizationPage,
    SchoolRef,
    ids_of,
    is_ai_code,
    lineage_text,
)


class UnknownOrganization(NotFound):
    """There is no such organization that the actor may see."""


# --- What there is, for commands and for loading scores ------------------------------------------


def find(code_or_ai_code: str) -> OrganizationInfo:
    """Return the organization with this AI code or, if it is none, this id of the operator's.

    Unscoped. Raises :class:`UnknownOrganization` with a sentence.
    """
    return _find(Organization.objects.all(), code_or_ai_code)


def info(organization_id: int) -> OrganizationInfo:
    """Return an organization by its number; unscoped; raises :class:`UnknownOrganization`."""
    row = Organization.objects.filter(pk=organization_id).first()
    if row is None:
        raise UnknownOrganization(_("There is no such organization."))
    return row.info


def infos(ids: Iterable[int]) -> dict[int, OrganizationInfo]:
    """Return organizations by their numbers; unscoped, for lists that were scoped already."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.pk: row.info for row in Organization.objects.filter(pk__in=wanted)}


def resolver() -> dict[str, SchoolRef]:
    """Return where the scores of each AI code belong, for loading a million rows without a query each.

    Only schools and other institutions that students attend have scores of their own; a code of
    a district or state is in no row of a student.
    """
    return {
        ai_code: ref for kind, ai_code, ref in _located() if ai_code and kind in {PlaceKind.SCHOOL, PlaceKind.OTHER}
    }


def located(ids: Collection[int]) -> dict[int, SchoolRef]:
    """Return where the scores of these organizations belong, whether or not they have an AI code."""
    return {ref.school_id: ref for _kind, _ai_code, ref in _located() if ref.school_id in ids} if ids else {}


def _located() -> Iterator[tuple[str, str, SchoolRef]]:
    """Yield kind, AI code and place of every organization."""
    rows = list(Organization.objects.values_list("id", "kind", "lineage", "ai_code", "time_zone"))
    kinds = {number: kind for number, kind, *_rest in rows}
    for number, kind, lineage, ai_code, time_zone in rows:
        district, state = (_nearest(ids_of(lineage), above, kinds) for above in (PlaceKind.DISTRICT, PlaceKind.STATE))
        yield kind, ai_code, SchoolRef(school_id=number, district_id=district, state_id=state, time_zone=time_zone)


def _nearest(lineage: tuple[int, ...], kind: PlaceKind, kinds: dict[int, str]) -> int | None:
    return next((number for number in reversed(lineage[:-1]) if kinds.get(number) == kind), None)


def schools_under(place: Place) -> tuple[OrganizationInfo, ...]:
    """Return the schools of a place, by name; a school is its own only one."""
    return tuple(row.info for row in _schools_under(place))


def names_of_schools_under(place: Place, *, most: int) -> list[tuple[int, str]]:
    """Return ids and names of the schools of a place, by name, but no more than ``most``: a state has thousands."""
    return list(_schools_under(place).values_list("id", "name")[:most])


def _schools_under(place: Place) -> OrganizationQuerySet:
    rows = Organization.objects.under([lineage_text(place.lineage)]).filter(kind=PlaceKind.SCHOOL)
    return rows.order_by("sort_name", "id")


# --- What an actor sees --------------------------------------------------------------------------


def organization(actor: Actor, code_or_ai_code: str) -> OrganizationInfo:
    """Return an organization that a role of the actor reaches; raises :class:`UnknownOrganization`.

    What the actor may do there is another question: ask ``access.require`` with its place.
    """
    typed = clean(code_or_ai_code)
    for held in organizations_held(actor).values():
        # As _find would choose: an AI code is one organization's alone, and goes before an operator's id.
        if typed == (held.ai_code if is_ai_code(typed) else held.code):
            return held
    return _find(_reached(actor), code_or_ai_code)


def organizations_of(
    actor: Actor,
    *,
    permission: Permission | None = None,
    search: str = "",
    page: int = 1,
    per_page: int = 25,
) -> OrganizationPage:
    """Return the organizations that the actor's roles reach, the highest first, then by name.

    With ``permission``, only those where the actor has it. ``search`` looks at names, cities and
    the beginnings of codes. A page beyond the last one is the last one.
    """
    rows = _reached(actor, permission).matching(search)
    total = rows.count()
    pages = max(1, -(-total // per_page))
    number = min(max(1, page), pages)
    shown = rows.order_by(_RANK, "sort_name", "id")[(number - 1) * per_page : number * per_page]
    return OrganizationPage(rows=tuple(row.info for row in shown), total=total, page=number, pages=pages)


def highest_organizations(actor: Actor, *, permission: Permission, most: int) -> list[OrganizationInfo]:
    """Return the first ``most`` of :func:`organizations_of`, for a menu: the others are neither counted nor sorted."""
    if (only := _only_school(actor, permission)) is not None:
        return [only]
    reached, found = _reached(actor, permission), list[OrganizationInfo]()
    high = [PlaceKind.STATE.value, PlaceKind.DISTRICT.value]
    for rows in (*(reached.filter(kind=kind) for kind in high), reached.exclude(kind__in=high)):
        if len(found) < most:
            found += [row.info for row in rows.order_by("sort_name", "id")[: most - len(found)]]
    return found


def _only_school(actor: Actor, permission: Permission) -> OrganizationInfo | None:
    """Return the school that is all that the actor reaches with a permission, where it was read with their roles."""
    held = {grant.place.id if grant.place else 0: grant for grant in grants_for(actor, permission)}
    if actor.is_trusted or len(held) != 1:
        return None
    ((_number, grant),) = held.items()
    # Nothing stands under a school.
    info = grant.organization if isinstance(grant.organization, OrganizationInfo) else None
    return info if info is not None and info.kind is PlaceKind.SCHOOL else None


def tree(actor: Actor, under: str | None = None) -> tuple[Branch, ...]:
    """Return the organizations right below one, or the tops of what the actor reaches.

    ``under`` is an AI code or an id of the operator's; raises :class:`UnknownOrganization`.
    """
    rows = _tops(actor) if under is None else _reached(actor).filter(parent_id=organization(actor, under).id)
    branches = list(rows.order_by("sort_name", "id"))
    schools = _schools_by_ancestor(branches)
    children = Counter(Organization.objects.filter(parent__in=branches).values_list("parent_id", flat=True))
    return tuple(Branch(info=row.info, schools=schools[row.pk], children=children[row.pk]) for row in branches)


def _find(rows: OrganizationQuerySet, code_or_ai_code: str) -> OrganizationInfo:
    typed = clean(code_or_ai_code)
    wanted = Q(code=typed) | Q(ai_code=typed) if is_ai_code(typed) else Q(code=typed)
    found = {row.ai_code: row for row in rows.filter(wanted)}
    # An AI code is official; an operator's id that looks like somebody's AI code gives way to it.
    row = found.get(typed) or next(iter(found.values()), None)
    if row is None:
        message = _('There is no organization with the id or AI code "%(code)s".')
        raise UnknownOrganization(message % {"code": typed})
    return row.info


_RANK = Case(
    *(When(kind=kind.value, then=Value(rank)) for rank, kind in enumerate((PlaceKind.STATE, PlaceKind.DISTRICT))),
    default=Value(2),
)


def _reached(actor: Actor, permission: Permission | None = None) -> OrganizationQuerySet:
    """Return what the actor's roles reach, or those of them that carry ``permission``."""
    grants = actor.grants if permission is None else grants_for(actor, permission)
    if actor.is_trusted or any(grant.is_everywhere for grant in grants):
        return Organization.objects.all()
    return Organization.objects.under(lineage_text(grant.place.lineage) for grant in grants if grant.place)


def _tops(actor: Actor) -> OrganizationQuerySet:
    """Return the organizations that the actor reaches and above which they reach nothing."""
    places = {grant.place.id: grant.place for grant in actor.grants if grant.place}
    if actor.is_trusted or any(grant.is_everywhere for grant in actor.grants):
        return Organization.objects.filter(parent=None)
    return Organization.objects.filter(
        pk__in=[place.id for place in places.values() if places.keys().isdisjoint(place.lineage[:-1])]
    )


def _schools_by_ancestor(rows: Iterable[Organization]) -> Counter[int]:
    """Count the schools at or under each row with one query, however deep they are."""
    lineages = Organization.objects.under(row.lineage for row in rows).filter(kind=PlaceKind.SCHOOL)
    return Counter(number for lineage in lineages.values_list("lineage", flat=True) for number in ids_of(lineage))
