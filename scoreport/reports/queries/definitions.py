"""What is wrong with the definitions of reports, beside the results that they show."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scoreport.programs import catalog
from scoreport.reports.rules import Filter, ReportDefinition, definition_of
from scoreport.scores import queries as scores


def definition_problems() -> list[str]:
    """Return what is wrong with the reports of the catalog's programs, as sentences; nothing when they are sound."""
    return [f"{known.name}: {problem}" for known in catalog.PROGRAMS for problem in _problems(known.slug)]


def _problems(program: str) -> Iterator[str]:
    try:
        definition = definition_of(program)
    except catalog.UnknownProgram:
        yield _("it has no report.")
        return
    keys = [column.key for column in definition.columns]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield _("two columns of its report are called “%(key)s”.") % {"key": key}
    for key in sorted(_keys_named(definition) - set(keys)):
        yield _("its report has no column “%(key)s”.") % {"key": key}
    yield from _fields_missing(definition)
    if not any(column.is_main for column in definition.columns):
        yield _("no column of its report shows its main measure.")
    measures = [measure.key for measure in definition.program.measures]
    if definition.charts[:1] != (definition.main.key,) or not set(definition.charts) <= set(measures):
        yield _("the charts of its report are not its measures, the main one first.")


def _keys_named(definition: ReportDefinition) -> set[str]:
    """Return the keys of columns that a definition names beside its columns."""
    details = (key for _label, key in definition.student_details)
    coded = {Filter.GRADE, Filter.GENDER, Filter.ETHNICITY} & definition.filters
    return {*definition.default_columns, definition.default_sort, definition.exam, *details, *coded}


def _fields_missing(definition: ReportDefinition) -> Iterator[str]:
    known = scores.columns_shown(definition.program.slug)
    for column in definition.columns:
        if not {column.field, *column.order} <= known:
            yield _("its results do not have what the column “%(key)s” shows.") % {"key": column.key}
