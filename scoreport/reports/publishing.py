"""Bringing the published counts of an organization up to date, once a week (decision 35)."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import OperationalError, transaction

from scoreport.access import Actor, PlaceKind
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.models import Publication, PublishedCount
from scoreport.reports.queries.published import counts_at
from scoreport.reports.rules.suppression import STEP, Cell, Count, Leaf, Load, Publisher
from scoreport.scores import queries as scores

REFRESH_AFTER: Final = timedelta(days=7)
_KINDS: Final = (PlaceKind.SCHOOL, PlaceKind.DISTRICT, PlaceKind.STATE)


def publish_if_due(
    actor: Actor, organization: OrganizationInfo, *, program: str, years: Collection[int], at: datetime
) -> None:
    """Bring the published counts of a program's years up to date where that is due.

    A reader does not wait for a database that is busy with a long write: the earlier figures stay.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    found = Publication.objects.filter(program=program, organization_id=organization.id, year__in=years)
    fresh = set(found.filter(refreshed_at__gt=at - REFRESH_AFTER).values_list("year", flat=True))
    for year in sorted(set(years) - fresh):
        with suppress(OperationalError):
            _publish(actor, organization, program, year, at)


def _publish(actor: Actor, organization: OrganizationInfo, program: str, year: int, at: datetime) -> None:
    """Count what is released and publish what is enough for a block."""
    place = organization.place
    rows = scores.counts_by_school_and_exam(actor, place, at, program=program, year=year)
    kinds = _KINDS[: _levels(place.kind)]
    loads = {
        number: Load(*numbers)
        for kind in kinds
        for number, numbers in scores.tests_by_organization(
            actor, place, at, program=program, year=year, kind=kind
        ).items()
    }
    leaves = {
        leaf.key: leaf
        for row in rows
        if any(row.places)
        for leaf in [Leaf(row.places, row.exam, Count(row.tests, row.at_cut), row.tests - row.takers)]
    }
    with transaction.atomic():
        # One at a time in a state: a test must not be counted at a school and in its district at once.
        _locked(organization.lineage[0], program, year)
        mine = _locked(organization.id, program, year)
        if mine.refreshed_at and mine.refreshed_at > at - REFRESH_AFTER:
            return
        _store(_published(organization, program, year, leaves, loads), program, year)
        mine.refreshed_at = at
        mine.takers_percent = _takers_percent(actor, organization, program, year, at)
        mine.save()


def _published(
    organization: OrganizationInfo,
    program: str,
    year: int,
    leaves: dict[tuple[int, str], Leaf],
    loads: dict[int, Load],
) -> dict[tuple[int, str], Cell]:
    """Return the cells that changed."""
    stored = PublishedCount.objects.filter(counts_at(organization), program=program, year=year)
    cells = {(row.organization_id, row.exam_code): _cell(row) for row in stored}
    for key, cell in cells.items():
        if cell.taken != Count() and key not in leaves:
            leaves[key] = Leaf(cell.places, key[1])
    publisher = Publisher(cells, loads, settings.SMALL_GROUP_THRESHOLD)
    publisher.publish(leaves.values(), levels=_levels(organization.kind))
    return {key: cells[key] for key in publisher.changed}


def _levels(kind: PlaceKind) -> int:
    return _KINDS.index(kind) + 1 if kind in _KINDS else 1


def _locked(organization_id: int, program: str, year: int) -> Publication:
    Publication.objects.get_or_create(program=program, year=year, organization_id=organization_id)
    return Publication.objects.select_for_update().get(program=program, year=year, organization_id=organization_id)


def _cell(row: PublishedCount) -> Cell:
    return Cell(
        places=(row.school_id, row.district_id, row.state_id),
        published=Count(row.tests, row.at_cut),
        counted=Count(row.counted_tests, row.counted_at_cut),
        taken=Count(row.taken_tests, row.taken_at_cut),
    )


def _store(cells: dict[tuple[int, str], Cell], program: str, year: int) -> None:
    rows = [
        PublishedCount(
            program=program, year=year, organization_id=key[0], exam_code=key[1],
            school_id=cell.places[0], district_id=cell.places[1], state_id=cell.places[2],
            tests=cell.published.tests, at_cut=cell.published.at_cut,
            counted_tests=cell.counted.tests, counted_at_cut=cell.counted.at_cut,
            taken_tests=cell.taken.tests, taken_at_cut=cell.taken.at_cut,
        )
        for key, cell in sorted(cells.items())
    ]  # fmt: skip
    key = ["organization_id", "program", "year", "exam_code"]
    names = [field.name for field in PublishedCount._meta.concrete_fields if field.name not in {*key, "id"}]
    PublishedCount.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=key, update_fields=names
    )


def _takers_percent(actor: Actor, organization: OrganizationInfo, program: str, year: int, at: datetime) -> int:
    """Return how many students there are for 100 tests, in steps of five."""
    figures = scores.figures(actor, organization.place, at, program=program, years=[year])[year]
    return STEP * round(100 * figures.takers / figures.tests / STEP) if figures.tests else 0
