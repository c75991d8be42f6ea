"""What the commands share that withdraw and restore the score of one ticket."""

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import CommandParser

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.programs.catalog import PROGRAMS


class TicketCommand(ScoreportCommand, ABC):
    """A command about one score: the program and the ticket say which, and a reason is stored."""

    job = Job.SCORES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--program", required=True, choices=[program.slug for program in PROGRAMS], help="The program of the test."
        )
        parser.add_argument("--ticket", required=True, metavar="TICKET", help="The registration ticket number.")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="Why; program staff can read it later.")

    def run(self, **options: Any) -> str:
        """Withdraw or restore the score and return the closing sentence."""
        return self.act(options["program"], options["ticket"], options["reason"])

    @abstractmethod
    def act(self, program: str, ticket: str, reason: str) -> str:
        """Withdraw or restore the score; return the closing sentence."""
