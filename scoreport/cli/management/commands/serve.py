"""``scoreport serve``."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.serving import NotServing, Supervisor, only_one, remove_left_uploads
from scoreport.web import local_only


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Serve pages and do background work, in one, for installations on one machine."
        " Ctrl+C or SIGTERM ends both after what they are doing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on; default: this machine only.")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on; default: 8000.")
        parser.add_argument(
            "--workers",
            type=_at_least_one,
            default=1,
            metavar="N",
            help="Processes that answer requests; default: 1. More count failed tries together only with REDIS_URL.",
        )

    def run(self, *, host: str, port: int, workers: int, **_options: Any) -> str:
        """Serve until told to end."""
        if _migrations_wait():
            raise NotServing(_("The database is not up to date. Run: scoreport setup"))
        local_only.require(host=host)
        local_only.require_no_demo()
        # The processes below open their own; a connection that crosses a fork breaks.
        connection.close()
        with only_one(settings.DATA_DIR):
            remove_left_uploads(Path(settings.FILE_UPLOAD_TEMP_DIR), now=time.time())
            Supervisor(host=host, port=port, processes=workers, data_dir=settings.DATA_DIR, tell=self.notice).run()
        return _("The server has ended.")


def _migrations_wait() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        message = _('"%(text)s" is not a whole number of 1 or more')
        raise argparse.ArgumentTypeError(message % {"text": text})
    return int(text)
