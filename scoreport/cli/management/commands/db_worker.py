"""``scoreport db_worker``: the queue's own worker, for development; it has no heartbeat."""

from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django_tasks_db.management.commands.db_worker import Command as WithoutHeartbeat

_DRAWN: Final = "drawn at each start"


class Command(WithoutHeartbeat):
    """Runs with DEBUG only: other workers would take up its jobs after a minute."""

    help = "Do background work while you develop, with --reload. It needs DEBUG; use scoreport worker otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        # Drawn when it runs, so that the reference page stays the same.
        parser.set_defaults(worker_id=_DRAWN)

    def handle(self, **options: Any) -> None:
        """Work until a signal ends it."""
        if not settings.DEBUG:
            raise CommandError(
                _("This worker has no heartbeat, so others would take up its jobs. Run: scoreport worker")
            )
        if options["worker_id"] == _DRAWN:
            options["worker_id"] = get_random_string(32)
        super().handle(**options)
