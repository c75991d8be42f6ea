"""``scoreport restore-score --program clep --ticket TICKET --reason TEXT``."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import actions


class Command(ScoreportCommand):
    job = Job.SCORES
    help = (
        "Restore a score that was withdrawn. Reports then show what the newest file says of it. A score that a file"
        " canceled stays canceled until a corrected file is accepted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--program", required=True, choices=[program.slug for program in PROGRAMS], help="The program of the test."
        )
        parser.add_argument("--ticket", required=True, metavar="TICKET", help="The registration ticket number.")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="Why; program staff can read it later.")

    def run(self, **options: Any) -> str:
        """Restore the score and say so."""
        program, ticket = options["program"], options["ticket"]
        actions.restore_score(self.actor, program=program, ticket=ticket, reason=options["reason"], at=self.at)
        return _("The withdrawal of ticket %(ticket)s ended. Reports show what the newest file says.") % {
            "ticket": ticket
        }
