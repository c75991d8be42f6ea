"""``scoreport runserver``: Django's server for development, on this machine only where DEMO or DEBUG is on."""

from typing import Any

from django.core.management.base import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as Runserver

from scoreport.access import Refused
from scoreport.web import local_only


class Command(Runserver):  # type: ignore[misc]  # whitenoise finds its parent class while it is imported
    """Refuses addresses that others can reach, and databases that hold real people."""

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serve, where nobody else can see it."""
        try:
            local_only.require(host=self.addr)
            local_only.require_no_demo()
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        super().inner_run(*args, **options)
