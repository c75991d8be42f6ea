"""``scoreport setup``."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.lib.private import close_all_to_others, close_to_others, private_paths
from scoreport.lib.purpose import Purpose, purpose, set_purpose
from scoreport.organizations.actions.upkeep import anchor_events
from scoreport.people.identity import relink_after_update
from scoreport.programs.catalog import catalogue_problems
from scoreport.reports.queries.definitions import definition_problems
from scoreport.web import local_only, static_files


class Command(ScoreportCommand):
    job = Job.SETTING_UP
    help = (
        "Bring database, fonts, static files and the catalogue of exams up to date."
        " Run it after installing and after every upgrade; a second time it changes nothing."
    )
    # The database that the checks look into may not exist yet.
    requires_migrations_checks = False

    def run(self, **_options: Any) -> str:
        """Migrate, build what pages need, and look through the catalogue."""
        steps = (self._catalogue, self._database, self._purpose, self._anchor, self._assets, self._rights)
        with self.progress(_("Setting up"), total=len(steps)) as advance:
            for step in steps:
                step()
                advance(1)
        return _("Scoreport is set up. Its data is in %(folder)s.") % {"folder": settings.DATA_DIR}

    def _catalogue(self) -> None:
        if problems := [*catalogue_problems(), *definition_problems()]:
            raise CommandError("\n".join(problems))

    def _database(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        relink_after_update(at=self.at)

    def _anchor(self) -> None:
        anchor_events(self.actor, at=self.at)

    def _purpose(self) -> None:
        """Mark an empty database for development, and take the mark away once it is set up to be real."""
        for problem in local_only.problems_of_database():
            raise CommandError(problem)
        local_only.require_no_demo()
        made_for = purpose()
        if settings.DEBUG and made_for is None:
            set_purpose(Purpose.DEVELOPMENT)
        elif made_for is Purpose.DEVELOPMENT and not settings.DEBUG and not settings.DEMO:
            set_purpose(None)

    def _assets(self) -> None:
        static_files.bring_up_to_date()

    def _rights(self) -> None:
        """Take away what rights other accounts of the machine have; earlier releases and copied backups leave some."""
        own = private_paths(settings.DATA_DIR, settings.DATABASES["default"])
        closed = close_all_to_others(settings.DATA_DIR) + sum(map(close_to_others, own))
        if closed:
            self.notice(_("Files and folders that other accounts could read until now: %(count)d.") % {"count": closed})
