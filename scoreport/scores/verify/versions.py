"""Versions and assertions: which file says what, and what of it is current."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from scoreport.imports.models import ImportFile
from scoreport.imports.rules import STAGED, Effect, FileState
from scoreport.lib.invariants import Check, CheckReport, Finding, number, stream
from scoreport.scores.results import all_results

_ASSERTING = (FileState.ACCEPTED, FileState.UNDOING)


def one_current(_at: datetime) -> Iterator[Finding]:
    """Check that each ticket has one current version, and no version twice."""
    report = CheckReport(_("Each ticket has one current version and none of them twice"))
    for table in (results.table for results in all_results()):
        report.checked += number(f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY program, ticket) t")
        for program, ticket, current in stream(
            f"SELECT program, ticket, sum(CASE WHEN is_current THEN 1 ELSE 0 END) FROM {table}"
            " GROUP BY program, ticket HAVING sum(CASE WHEN is_current THEN 1 ELSE 0 END) <> 1"
            " OR count(*) <> count(DISTINCT row_hash)"
        ):
            report.deviate(f"{program} {ticket}: {current} current")
    yield report.finding()


def newest_is_current(_at: datetime) -> Iterator[Finding]:
    """Check that the newest assertion of each ticket says what is current."""
    report = CheckReport(_("The newest accepted row of each ticket says what is current"))
    for results in all_results():
        report.checked += results.assertions.objects.count()
        for program, ticket in stream(
            "SELECT program, ticket FROM (SELECT s.program, s.ticket, s.is_current, row_number() OVER"
            " (PARTITION BY s.program, s.ticket ORDER BY f.accepted_order DESC, c.line DESC) AS place"
            f" FROM {results.said} c JOIN {results.table} s ON s.id = c.version_id"
            " JOIN imports_importfile f ON f.id = c.file_id) ranked WHERE place = 1 AND NOT is_current"
        ):
            report.deviate(f"{program} {ticket}")
    yield report.finding()


def asserted(_at: datetime) -> Iterator[Finding]:
    """Check that no version is without an assertion, and no assertion without its version."""
    report = CheckReport(_("Every version comes from a row of a file, and every row has its version"))
    for results in all_results():
        report.checked += results.model.objects.count()
        for program, ticket in stream(
            f"SELECT s.program, s.ticket FROM {results.table} s"
            f" WHERE NOT EXISTS (SELECT 1 FROM {results.said} c WHERE c.version_id = s.id)"
        ):
            report.deviate(f"{program} {ticket}: no file says so")
        for file, line in stream(
            f"SELECT c.file_id, c.line FROM {results.said} c"
            f" LEFT JOIN {results.table} s ON s.id = c.version_id WHERE s.id IS NULL"
        ):
            report.deviate(f"file {file}, line {line}: its version is gone")
    yield report.finding()


def rows_of_files(_at: datetime) -> Iterator[Finding]:
    """Check that accepted files have the rows they were counted with, each ticket once, and other files none."""
    report = CheckReport(_("Accepted files have the rows they were counted with, other files none"))
    counted = _counted()
    for file in ImportFile.objects.filter(kind="scores").order_by("pk"):
        rows = counted.pop(file.pk, {})
        taken = {effect: getattr(file, f"rows_{effect}") for effect in STAGED}
        if not file.accepts_reverting:
            del taken[Effect.REVERTING]
        if not file.accepts_doubles:
            del taken[Effect.DOUBLED]
        wanted = {kind.value: rows for kind, rows in taken.items() if rows} if file.state in _ASSERTING else {}
        report.expect("file %d: has %s, counted %s", file.pk, rows, wanted, holds=rows == wanted)
    for left in counted:
        report.deviate(f"file {left}: rows of a file that does not exist")
    for file_id, ticket in _twice():
        report.deviate(f"file {file_id}: has {ticket} twice")
    yield report.finding()


def _counted() -> dict[int, dict[str, int]]:
    """Return how many rows of each file say what, by the effect that they had."""
    counted: dict[int, dict[str, int]] = {}
    for said in (results.said for results in all_results()):
        for file, kind, rows in stream(f"SELECT file_id, kind, count(*) FROM {said} GROUP BY file_id, kind"):
            counted.setdefault(file, {})[kind] = rows
    return counted


def _twice() -> Iterator[tuple[int, str]]:
    """Yield the files that say something of a ticket more than once."""
    for results in all_results():
        yield from stream(
            f"SELECT c.file_id, s.ticket FROM {results.said} c JOIN {results.table} s ON s.id = c.version_id"
            " GROUP BY c.file_id, s.program, s.ticket HAVING count(*) > 1"
        )


CHECKS: tuple[Check, ...] = (one_current, newest_is_current, asserted, rows_of_files)
