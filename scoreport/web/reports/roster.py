"""What the roster's template shows beside its rows: headers that sort, and the filters that are on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from scoreport.lib.tabular import Kind
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.rules import (
    FilterOptions,
    Option,
    ReportDefinition,
    Result,
    RosterColumn,
    RosterPage,
    RosterQuery,
)
from scoreport.web.formats import day
from scoreport.web.page import Column
from scoreport.web.reports.addresses import report_url
from scoreport.web.reports.asked import Asked


def _in_sight(definition: ReportDefinition) -> dict[str, str]:
    """Return the columns that stay in sight while the others move, with how they are written."""
    return {"last_name": "name", definition.exam: "exam", definition.main_key: "score"}


@dataclass(frozen=True, slots=True)
class Header:
    """A column of the roster and the header that sorts by it."""

    key: str
    column: Column


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter that is on, and the address without it."""

    label: str
    url: str


def headers_of(organization: OrganizationInfo, query: RosterQuery) -> list[Header]:
    """Return the headers of the columns that are shown."""
    return [
        Header(column.key, _header(organization, query, column))
        for column in query.definition.columns_of(query.columns)
    ]


def headers_on_paper(shown: RosterPage) -> list[Column]:
    """Return the headers of the columns that are shown, which sort nothing."""
    in_sight = _in_sight(shown.query.definition)
    return [
        Column(str(column.label), numeric=column.kind is Kind.NUMBER, css_class=in_sight.get(column.key, ""))
        for column in shown.columns
    ]


def _header(organization: OrganizationInfo, query: RosterQuery, column: RosterColumn) -> Column:
    return Column(
        label=str(column.label),
        url=report_url(organization, query.sorted_by(column.key)),
        direction=_direction(query) if query.sort == column.key else "",
        numeric=column.kind is Kind.NUMBER,
        css_class=_in_sight(query.definition).get(column.key, ""),
    )


def _direction(query: RosterQuery) -> Literal["ascending", "descending"]:
    return "descending" if query.descending else "ascending"


def cell_kinds(shown: RosterPage) -> list[str]:
    """Say of each column how its cells are written.

    One of them leads to the student: the last name, else the first name, else whatever comes first. It is
    ``last-name``, ``first-name`` or ``leads``; the others are of their column's style, but for the ``exam``.
    """
    keys = [column.key for column in shown.columns]
    in_sight = _in_sight(shown.query.definition)
    kinds = [in_sight.get(column.key, column.style.value) for column in shown.columns]
    leading = next((keys.index(key) for key in ("last_name", "first_name") if key in keys), 0)
    kinds[leading] = {"last_name": "last-name", "first_name": "first-name"}.get(keys[leading], "leads")
    return kinds


def active_filters(asked: Asked, options: FilterOptions) -> list[ActiveFilter]:
    """Return each filter that is on, with the address that takes it out."""
    return [
        ActiveFilter(label, report_url(asked.organization, query))
        for label, query in (*_choices(asked.query, options), *_ranges(asked.query))
    ]


def _choices(query: RosterQuery, options: FilterOptions) -> Iterator[tuple[str, RosterQuery]]:
    """Yield the filters that were chosen from lists; several values of one list are taken out one by one."""
    lists: tuple[tuple[str, str, tuple[Option, ...]], ...] = (
        (_("Exam"), "exams", options.exams),
        (_("Grade"), "grades", options.grades),
        (_("Gender"), "genders", options.genders),
        (_("Ethnicity"), "ethnicities", options.ethnicities),
        (_("School"), "schools", options.schools),
    )
    for name, attribute, offered in lists:
        labels = {option.value: option.label for option in offered}
        values = getattr(query, attribute)
        for value in values:
            rest = tuple(other for other in values if other != value)
            yield f"{name}: {labels.get(str(value), value)}", query.with_(**{attribute: rest})


def _ranges(query: RosterQuery) -> Iterator[tuple[str, RosterQuery]]:
    """Yield the filters that were typed or that are one choice."""
    if query.search:
        yield _("Search: %(words)s") % {"words": query.search}, query.with_(search="")
    if query.result is not Result.ANY:
        yield (
            _("Score: %(result)s") % {"result": query.result.label(query.definition.words)},
            query.with_(result=Result.ANY),
        )
    if query.score_from is not None or query.score_to is not None:
        low, high = query.score_from or "", query.score_to or ""
        yield _("Score: %(low)s–%(high)s") % {"low": low, "high": high}, query.with_(score_from=None, score_to=None)
    if query.tested_from:
        yield _("Tested from %(day)s") % {"day": day(query.tested_from)}, query.with_(tested_from=None)
    if query.tested_to:
        yield _("Tested until %(day)s") % {"day": day(query.tested_to)}, query.with_(tested_to=None)
