"""``scoreport withdraw-score --program clep --ticket TICKET --reason TEXT``."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import actions


class Command(ScoreportCommand):
    job = Job.SCORES
    help = (
        "Withdraw one score that was canceled or is under investigation. Reports then show the test as canceled with"
        " the date, never the number, whatever later files say. restore-score brings the score back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--program", required=True, choices=[program.slug for program in PROGRAMS], help="The program of the test."
        )
        parser.add_argument("--ticket", required=True, metavar="TICKET", help="The registration ticket number.")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="Why; program staff can read it later.")

    def run(self, **options: Any) -> str:
        """Withdraw the score and say so."""
        program, ticket = options["program"], options["ticket"]
        actions.withdraw_score(self.actor, program=program, ticket=ticket, reason=options["reason"], at=self.at)
        return _("The score of ticket %(ticket)s is withdrawn. Reports show the test as canceled.") % {"ticket": ticket}
