"""``scoreport web``."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.running import add_address, prepare, processes
from scoreport.cli.serving import Supervisor


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Serve pages only. Run scoreport worker beside it, on this machine or on others."
        " Ctrl+C or SIGTERM ends it after what it is doing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_address(parser)

    def run(self, *, host: str, port: int, workers: int | None, **_options: Any) -> str:
        """Serve until a signal ends it."""
        prepare(host=host)
        Supervisor(
            address=(host, port),
            processes=processes(workers),
            with_workers=False,
            data_dir=settings.DATA_DIR,
            tell=self.notice,
        ).run()
        return _("The web server has ended.")
