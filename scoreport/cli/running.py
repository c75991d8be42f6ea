"""What ``serve``, ``web`` and ``worker`` do before they start their processes."""

import argparse
import os
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from scoreport.cli.serving import NotServing, remove_left_uploads
from scoreport.web import local_only


def add_address(parser: CommandParser) -> None:
    """Add the options of commands that answer requests."""
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on; default: this machine only.")
    parser.add_argument("--port", type=int, default=8000, help="Port to listen on; default: 8000.")
    parser.add_argument(
        "--workers",
        type=_at_least_one,
        metavar="N",
        help="Processes that answer requests; default: one for each processor core.",
    )


def processes(workers: int | None) -> int:
    """Return in how many processes to answer requests: as many as were asked for, or one for each core."""
    return workers or os.process_cpu_count() or 1


def prepare(*, host: str = "") -> None:
    """Return when the processes may start. Raises :class:`scoreport.cli.serving.NotServing` with what is missing."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotServing(_("The database is not up to date. Run: scoreport setup"))
    if host:
        local_only.require(host=host)
        local_only.require_no_demo()
        remove_left_uploads(Path(settings.FILE_UPLOAD_TEMP_DIR), now=time.time())
    # The processes below open their own; a connection that crosses a fork breaks.
    connection.close()


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        message = _('"%(text)s" is not a whole number of 1 or more')
        raise argparse.ArgumentTypeError(message % {"text": text})
    return int(text)
