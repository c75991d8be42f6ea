"""Parts of a roster's page that are the same for everybody who asks for the same, kept as they were written.

None of them has a row, or a word that somebody searched for: with a filter they are written anew.
"""

from functools import lru_cache

from django.conf import settings
from django.template import loader
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.rules import FilterOptions, RosterQuery
from scoreport.web.reports.asked import Asked
from scoreport.web.reports.roster import headers_of


def filters_part(query: RosterQuery, options: FilterOptions) -> SafeString:
    """Return the choices of the filters and of the columns, in the reader's language."""
    # Page and order say nothing here.
    plain = RosterQuery(query.program, columns=query.columns)
    write = _filters if _is_kept(query) else _filters.__wrapped__
    return write(plain if _is_kept(query) else query, options, translation.get_language())


def headers_part(asked: Asked) -> SafeString:
    """Return the headers of the columns that are shown, which sort by them."""
    write = _headers if _is_kept(asked.query) else _headers.__wrapped__
    return write(asked.organization, asked.query.with_(), translation.get_language())


def _is_kept(query: RosterQuery) -> bool:
    """Tell whether a part may be kept; whoever edits a template wants to see it."""
    return not query.is_filtered and not settings.DEBUG


@lru_cache(maxsize=500)
def _filters(query: RosterQuery, options: FilterOptions, _language: str | None) -> SafeString:
    definition = query.definition
    columns = [(column.key, column.label) for column in definition.columns]
    context = {"query": query, "options": options, "definition": definition, "all_columns": columns}
    return mark_safe(loader.render_to_string("reports/part_filters.html", context))  # noqa: S308 - a template wrote it


@lru_cache(maxsize=1_000)
def _headers(organization: OrganizationInfo, query: RosterQuery, _language: str | None) -> SafeString:
    context = {"headers": headers_of(organization, query)}
    return mark_safe(loader.render_to_string("reports/part_headers.html", context))  # noqa: S308 - a template wrote it
