"""Rows of students that a person takes out or looks at on a day: counted, and held under a limit.

A day is one of the installation's time zone, so that a person has one allowance over all institutions. Exports are
checked and counted under the lock of the person (:func:`lock_person`), so two requests at once cannot both pass.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.conf import settings
from django.db.models import Sum

from scoreport.access import Actor
from scoreport.accounts.models import User
from scoreport.downloads.models import ExportedRows, ViewedRows
from scoreport.downloads.rules import Allowance
from scoreport.lib.clock import local_date
from scoreport.lib.statements import insert


def day_of(at: dt.datetime) -> dt.date:
    """Return the day that an instant counts for."""
    return local_date(at, settings.TIME_ZONE)


def lock_person(person_id: int) -> None:
    """Let one transaction at a time begin an export of a person; SQLite has one writer anyway."""
    User.objects.select_for_update(no_key=True).filter(pk=person_id).first()


def allowance(actor: Actor, *, at: dt.datetime) -> Allowance:
    """Return how many rows a person may export on a day, and how many they have exported."""
    taken = ExportedRows.objects.filter(person_id=_person(actor), day=day_of(at), is_approved=False)
    return Allowance(settings.EXPORT_ROWS_A_DAY, taken.aggregate(rows=Sum("rows"))["rows"] or 0)


def is_counted(actor: Actor, *, key: str, at: dt.datetime) -> bool:
    """Tell whether the person has taken out the same file on this day already."""
    return ExportedRows.objects.filter(person_id=_person(actor), day=day_of(at), key=key).exists()


def count_export(
    actor: Actor, *, organization: str, key: str, rows: int, is_approved: bool = False, at: dt.datetime
) -> None:
    """Count the rows of a file, in the caller's transaction; approved rows are outside of the limit."""
    ExportedRows.objects.create(
        person_id=_person(actor),
        day=day_of(at),
        organization=organization,
        key=key,
        rows=rows,
        is_approved=is_approved,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class ViewedPage:
    """A page with rows that somebody looks at."""

    person_id: int
    day: dt.date
    organization: str
    person: str
    rows: int


def viewed_page(actor: Actor, *, organization: str, rows: int, at: dt.datetime) -> ViewedPage | None:
    """Return what :func:`count_views` counts of a page; nothing for nobody."""
    if actor.person_id is None:
        return None
    return ViewedPage(actor.person_id, day_of(at), organization, actor.name, rows)


def count_views(pages: Iterable[ViewedPage]) -> None:
    """Count the rows of pages that people look at, with one statement, in the caller's transaction."""
    counted: dict[tuple[int, dt.date, str], dict[str, object]] = {}
    # In one order for all, so that no two transactions wait for each other.
    for (person_id, day, organization), some in groupby(sorted(pages, key=_whose), key=_whose):
        same = list(some)
        counted[person_id, day, organization] = {
            "person_id": person_id,
            "day": day,
            "organization": organization,
            "person": same[-1].person,
            "rows": sum(page.rows for page in same),
            "pages": len(same),
        }
    if counted:
        insert(ViewedRows, list(counted.values()), end=_ADDED)


def count_view(actor: Actor, *, organization: str, rows: int, at: dt.datetime) -> None:
    """Count the rows of one page that a person looks at, in the caller's transaction."""
    page = viewed_page(actor, organization=organization, rows=rows, at=at)
    count_views([page] if page else [])


def _whose(page: ViewedPage) -> tuple[int, dt.date, str]:
    return page.person_id, page.day, page.organization


_ADDED: Final = (
    "ON CONFLICT (person_id, day, organization) DO UPDATE SET person = excluded.person,"
    " rows = downloads_viewedrows.rows + excluded.rows, pages = downloads_viewedrows.pages + excluded.pages"
)


def _person(actor: Actor) -> int:
    """Return whose rows are counted; nobody's number is that of nobody."""
    return actor.person_id or 0


def views_above(least: int, *, day: dt.date) -> list[tuple[str, str, int, int]]:
    """Return person, organization, rows and pages of those who looked at so many rows or more on a day; unscoped.

    The rows of a person are added up over all organizations, and each organization gets its own part.
    """
    viewed = ViewedRows.objects.filter(day=day)
    many = viewed.values("person_id").annotate(total=Sum("rows")).filter(total__gte=least).values("person_id")
    rows = viewed.filter(person_id__in=many).order_by("organization", "person")
    return list(rows.values_list("person", "organization", "rows", "pages"))
