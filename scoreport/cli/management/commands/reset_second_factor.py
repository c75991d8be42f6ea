"""``scoreport reset-second-factor EMAIL``."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.accounts.actions import reset_second_factor
from scoreport.cli.base import Job, ScoreportCommand


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Remove the authenticator app, passkeys and recovery codes of a person who lost them all. Make sure who is"
        " asking first. Every session of theirs ends, their password stays, and they get an email. They set up two-step"
        " sign-in again when they sign in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="The address that they sign in with.")

    def run(self, *, email: str, **_options: Any) -> str:
        """Reset it."""
        person = reset_second_factor(self.actor, email=email, at=self.at)
        message = _("Two-step sign-in of %(person)s is removed, and all their sessions have ended.")
        return message % {"person": person.as_text}
