"""``scoreport check``: Django's look at the settings, and whether files can be stored where they say."""

from typing import Any

from django.core.checks import register
from django.core.management.base import CommandParser
from django.core.management.commands.check import Command as Check

from scoreport.checks import usable_storage


class Command(Check):
    """Looks at the storage of files too; other commands do not wait for it."""

    help = "Look whether the settings are safe together, and whether files can be stored, read and removed."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:  # noqa: SLF001 - argparse lists them nowhere else
            action.help = action.help or "Look at these Django applications only."

    def handle(self, *app_labels: Any, **options: Any) -> None:
        """Report everything that is wrong."""
        register(usable_storage, "storage")
        super().handle(*app_labels, **options)
