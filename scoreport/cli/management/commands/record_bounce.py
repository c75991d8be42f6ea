"""``scoreport record-bounce < NOTIFICATION``."""

import sys
from typing import Any

from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.outbox import returned
from scoreport.outbox.actions import bounced


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Note that a mail of ours came back. The mail server pipes each delivery status notification into it; the page"
        " of invitations then says so. What is none, or not about a mail of ours, changes nothing."
    )

    def run(self, **_options: Any) -> str:
        """Read a notification from standard input; the answer is never an error, or mail servers would bounce it."""
        found = returned.read(sys.stdin.buffer)
        if found is None:
            return _("This is no notification of a mail that cannot be delivered. Nothing was noted.")
        if not bounced(self.actor, message_id=found.message_id, reason=found.reason):
            return _("The mail %(message)s is not one of ours, or was noted before.") % {"message": found.message_id}
        return _("Noted: the mail %(message)s came back.") % {"message": found.message_id}
