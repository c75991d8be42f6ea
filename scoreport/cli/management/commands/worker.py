"""``scoreport worker``."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.running import prepare
from scoreport.cli.serving import Supervisor


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Do background work only: checks, acceptances, exports, emails. Run it beside scoreport web, as often as you"
        " like and on as many machines as you like; SQLite needs all of them on one machine."
        " Ctrl+C or SIGTERM ends it after what it is doing."
    )

    def run(self, **_options: Any) -> str:
        """Work until a signal ends it."""
        prepare()
        Supervisor(data_dir=settings.DATA_DIR, tell=self.notice).run()
        return _("The worker has ended.")
