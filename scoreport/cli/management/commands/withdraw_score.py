"""``scoreport withdraw-score --program clep --ticket TICKET --reason TEXT``."""

from django.utils.translation import gettext as _

from scoreport.cli.withdrawals import TicketCommand
from scoreport.scores import actions


class Command(TicketCommand):
    help = (
        "Withdraw one score that was canceled or is under investigation. Reports then show the test as canceled with"
        " the date, never the number, whatever later files say. restore-score brings the score back."
    )

    def act(self, program: str, ticket: str, reason: str) -> str:
        """Withdraw the score and say so."""
        actions.withdraw_score(self.actor, program=program, ticket=ticket, reason=reason, at=self.at)
        return _("The score of ticket %(ticket)s is withdrawn. Reports show the test as canceled.") % {"ticket": ticket}
