"""``scoreport report PROGRAM --organization ID --year 2025-2026 [--at INSTANT] [--summary-json FILE] [--csv FILE]``."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.typed import typed
from scoreport.lib.clock import parse_instant
from scoreport.organizations.queries import find
from scoreport.programs.rules import AcademicYear
from scoreport.reports.actions import export_roster
from scoreport.reports.queries import report_of
from scoreport.reports.rules import Format, Report, RosterQuery, Summary, Words, definition_of, definitions

_STANDARD_OUTPUT = "-"


class Command(ScoreportCommand):
    job = Job.REPORTS
    help = (
        "Print a report, or write it to files. A program's report of an organization and an academic year: its figures,"
        " and its roster with all columns. FILE may be - for standard output, which then carries nothing else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", choices=[known.program.slug for known in definitions()], help="The program.")
        parser.add_argument(
            "--organization", required=True, metavar="ID_OR_AI_CODE", help="A school, a district or a state."
        )
        parser.add_argument(
            "--year", required=True, type=typed(AcademicYear.parse), metavar="2025-2026", help="The academic year."
        )
        parser.add_argument(
            "--at",
            type=typed(parse_instant),
            metavar="2026-11-21T12:00-05:00",
            help="Count what was released at this instant; now, when it is left out.",
        )
        parser.add_argument("--summary-json", metavar="FILE", help="Write the summary as JSON.")
        parser.add_argument("--csv", metavar="FILE", help="Write the roster as CSV; see docs/guides/export-columns.md.")

    def run(self, **options: Any) -> str:
        """Write what was asked for, or print a table for people."""
        summary_to, roster_to = options["summary_json"], options["csv"]
        if summary_to == roster_to == _STANDARD_OUTPUT:
            raise CommandError(_("Only one of --summary-json and --csv can go to standard output."))
        at = options["at"] or self.at
        organization = find(options["organization"])
        definition = definition_of(options["program"])
        query = RosterQuery(definition.program.slug, years=(options["year"].start,), columns=definition.keys)
        report = report_of(self.actor, organization, query, at)
        if summary_to:
            self._write(summary_to, iter([json.dumps(_as_json(report), ensure_ascii=False, indent=2).encode() + b"\n"]))
        if roster_to:
            export = export_roster(self.actor, organization=organization, query=query, file_format=Format.CSV, at=at)
            with self.progress(_("Writing the roster"), total=export.rows) as advance:
                self._write(roster_to, export.chunks or iter(()), advance)
        if not summary_to and not roster_to:
            self.stdout.write("\n".join(_as_table(report)))
        return _sentence(report)

    def _write(self, to: str, chunks: Iterator[bytes], advance: Callable[[int], None] = lambda _count: None) -> None:
        """Write chunks of whole lines. Raises CommandError when the file cannot be written."""
        if to == _STANDARD_OUTPUT:
            for chunk in chunks:
                self.print_data(chunk.decode())
            return
        try:
            with Path(to).open("wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                    advance(chunk.count(b"\n"))
        except OSError as error:
            message = _('"%(path)s" cannot be written: %(reason)s')
            raise CommandError(message % {"path": to, "reason": error.strerror}) from error


def _as_json(report: Report) -> dict[str, object]:
    summary, reached = report.summary, report.definition.cut_key
    return {
        "organization": report.organization.ai_code or report.organization.code,
        "academic_year": report.years[0].key,
        "test_takers": summary.takers,
        "tests_taken": summary.tests,
        f"scores_{reached}": summary.at_cut,
        f"percent_{reached}": summary.percent,
        "waiting": summary.waiting,
        "overdue": summary.overdue,
        "canceled": summary.canceled,
        "year_before": _before_as_json(report),
    }


def _before_as_json(report: Report) -> dict[str, object] | None:
    """Return the figures to compare with; ``as_of`` is null where they are of the whole year before."""
    before, reached = report.before, report.definition.cut_key
    if before is None:
        return None
    return {
        "academic_year": report.years[0].previous.key,
        "as_of": report.before_until.isoformat() if report.before_until else None,
        "test_takers": before.takers,
        "tests_taken": before.tests,
        f"scores_{reached}": before.at_cut,
        f"percent_{reached}": before.percent,
    }


def _as_table(report: Report) -> Iterator[str]:
    """Yield the figures and the exams as lines that people read."""
    organization, words = report.organization, report.definition.words
    yield f"{organization.name}, {organization.ai_code or organization.code}, {report.years[0].label}"
    if report.empty:
        yield report.empty
        return
    for label, figure in _FIGURES:
        yield f"  {label(words):<34}{figure(report.summary):>8}  {_compared(report, figure)}".rstrip()
    yield ""
    cut = str(words.cut_in_short)
    yield f"  {_('Exam'):<52}{_('Takers'):>8}{_('Tests'):>8}{_('Mean'):>7}{cut:>8}{_('Pending'):>9}"
    for row in report.exams:
        yield (
            f"  {row.title:<52}{row.takers or 0:>8}{row.tests or 0:>8}{_decimal(row.mean):>7}"
            f"{_percent(row.percent):>8}{row.waiting or 0:>9}"
        )


_FIGURES: tuple[tuple[Callable[[Words], str], Callable[[Summary], str]], ...] = (
    (lambda words: str(words.takers), lambda summary: _count(summary.takers)),
    (lambda _words: _("Tests taken"), lambda summary: _count(summary.tests)),
    (lambda words: str(words.scores_at_cut), lambda summary: _count(summary.at_cut)),
    (lambda words: str(words.share_of_scores), lambda summary: _percent(summary.percent)),
    (lambda _words: _("Scores pending"), lambda summary: _count(summary.waiting)),
    (lambda _words: _("Of these, overdue"), lambda summary: _count(summary.overdue)),
    (lambda _words: _("Canceled tests, counted nowhere else"), lambda summary: _count(summary.canceled)),
)


def _compared(report: Report, figure: Callable[[Summary], str]) -> str:
    """Say what a figure was the year before; nothing for one that is not counted as of a date."""
    value = "–" if report.before is None else figure(report.before)
    if value == "–":
        return ""
    if report.before_until is None:
        return _("%(value)s the year before") % {"value": value}
    return _("%(value)s by %(day)s") % {"value": value, "day": report.before_until.isoformat()}


def _count(value: int | None) -> str:
    return "–" if value is None else str(value)


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def _sentence(report: Report) -> str:
    words = {
        "name": report.organization.name,
        "year": report.years[0].label,
        "tests": report.summary.tests,
        "takers": report.summary.takers,
        "waiting": report.summary.waiting,
    }
    return _("%(name)s, %(year)s: %(tests)d scores of %(takers)d test takers; scores pending: %(waiting)d.") % words
