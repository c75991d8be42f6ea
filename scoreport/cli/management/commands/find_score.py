"""``scoreport find-score --ticket T | --voucher V | --name N --born DAY [--organization ID] [--json]``."""

import argparse
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.typed import day
from scoreport.lib.clock import parse_instant
from scoreport.lib.text import clean
from scoreport.organizations.queries import find
from scoreport.scores.actions import search
from scoreport.scores.search import Answer, Finding, SearchCriteria
from scoreport.web.missing import words


class Command(ScoreportCommand):
    job = Job.SCORES
    help = (
        "Say where a missing score is, and why it may not have been found. With an organization, say it as its school"
        " would read it; without one, every report counts as the one that is looked into. Every search is recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--ticket", metavar="NUMBER", help="The registration ticket of the test.")
        wanted.add_argument("--voucher", metavar="CODE", help="The code of the voucher that paid for the test.")
        wanted.add_argument("--name", metavar="NAME", help='The name, as "Last, First" or in one piece; with --born.')
        parser.add_argument("--born", type=day, metavar="2008-04-05", help="The date of birth; with --name.")
        parser.add_argument("--organization", metavar="ID_OR_AI_CODE", help="Whose report the score is missing in.")
        parser.add_argument(
            "--at", type=_instant, metavar="2026-11-21T12:00-05:00", help="Look as of this instant; now, if left out."
        )
        parser.add_argument("--json", action="store_true", help="Print the answer as one JSON document.")

    def run(self, **options: Any) -> str:
        """Look, and print what was found."""
        organization = find(options["organization"]) if options["organization"] else None
        answer = search(self.actor, organization=organization, criteria=_sought(options), at=options["at"] or self.at)
        if options["json"]:
            self.print_json(_as_json(answer))
        for finding in answer.findings if not options["json"] else ():
            self.stdout.write("\n".join(_lines(finding)))
        if not answer.findings:
            return words.nothing(answer)
        return _("Tests found: %(count)d. The first answer: %(state)s.") % {
            "count": len(answer.findings),
            "state": words.state_label(answer.state),
        }


def _sought(options: dict[str, Any]) -> SearchCriteria:
    """Return what is looked for. Raises CommandError for a name without a date of birth, or the other way round."""
    if (options["name"] is None) != (options["born"] is None):
        raise CommandError(_("A name and a date of birth are looked for together: give --name and --born."))
    if options["name"] is None:
        sought = SearchCriteria(ticket=clean(options["ticket"] or ""), voucher=clean(options["voucher"] or ""))
        if not sought.ticket and not sought.voucher:
            raise CommandError(_("The number is empty. Give a ticket, a voucher code, or a name."))
        return sought
    last, comma, first = clean(options["name"]).partition(",")
    if not last.strip():
        raise CommandError(_('The last name is missing. Write the name like "Lopez, Ana".'))
    return SearchCriteria(
        first_name=first.strip(), last_name=last.strip(), birth_date=options["born"], is_whole=not comma
    )


def _as_json(answer: Answer) -> dict[str, object]:
    """Return the first answer with everything else that was found; the words of ``state`` and ``reason`` stay."""
    return {
        "state": answer.state.value,
        "reason": answer.why.value,
        "sentence": _sentence(answer.findings[0]) if answer.findings else words.nothing(answer),
        "tests": [
            {
                "state": finding.state.value,
                "reason": finding.why.value,
                "sentence": _sentence(finding),
                "certain": finding.is_certain,
                "exam": finding.exam,
                "date_tested": finding.tested_on.isoformat() if finding.tested_on else None,
                "day": finding.day.isoformat() if finding.day else None,
                "school": finding.school or None,
                "problems": list(finding.problems),
            }
            for finding in answer.findings
        ],
    }


def _sentence(finding: Finding) -> str:
    return words.sentence(finding, dt.date.isoformat)


def _lines(finding: Finding) -> Iterator[str]:
    tested = f", {finding.tested_on.isoformat()}" if finding.tested_on else ""
    perhaps = "" if finding.is_certain else f" ({_('perhaps')})"
    yield f"{words.state_label(finding.state)}{perhaps}: {finding.exam or _('A test')}{tested}"
    yield f"  {_sentence(finding)}"
    for problem in finding.problems:
        yield f"  - {problem}"


def _instant(text: str) -> dt.datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
