"""``scoreport restore-score --program clep --ticket TICKET --reason TEXT``."""

from django.utils.translation import gettext as _

from scoreport.cli.withdrawals import TicketCommand
from scoreport.scores import actions


class Command(TicketCommand):
    help = (
        "Restore a score that was withdrawn. Reports then show what the newest file says of it. A score that a file"
        " canceled stays canceled until a corrected file is accepted."
    )

    def act(self, program: str, ticket: str, reason: str) -> str:
        """Restore the score and say so."""
        actions.restore_score(self.actor, program=program, ticket=ticket, reason=reason, at=self.at)
        return _("The withdrawal of ticket %(ticket)s ended. Reports show what the newest file says.") % {
            "ticket": ticket
        }
