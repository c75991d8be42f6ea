"""``scoreport serve``."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.running import add_address, prepare, processes
from scoreport.cli.serving import Supervisor, only_one


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Serve pages and do background work, in one, for installations on one machine."
        " Ctrl+C or SIGTERM ends both after what they are doing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_address(parser)

    def run(self, *, host: str, port: int, workers: int | None, **_options: Any) -> str:
        """Serve until a signal ends it."""
        prepare(host=host)
        with only_one(settings.DATA_DIR):
            Supervisor(
                address=(host, port), processes=processes(workers), data_dir=settings.DATA_DIR, tell=self.notice
            ).run()
        return _("The server has ended.")
