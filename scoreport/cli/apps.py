"""The commands as a Django application; it also registers the checks that refuse an unsafe start."""

from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "scoreport.cli"
    label = "cli"

    def ready(self) -> None:
        """Register the system checks; importing the module does it."""
        from scoreport import checks  # noqa: F401 - imported for its registrations
