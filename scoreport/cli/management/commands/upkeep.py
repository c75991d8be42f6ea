"""``scoreport upkeep``."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.organizations.actions.upkeep import run_upkeep
from scoreport.reports.actions import email_digests


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Send warnings before roles and certificates of sign-in services end, renew their metadata, open the yearly"
        " reviews, record what has ended, and email access managers what was exported the day before. The worker does"
        " so every hour by itself; this is for installations without one, from cron. It may run as often as you like"
        " and at several places at once: everything is sent once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print what was done as JSON.")

    def run(self, **options: Any) -> str:
        """Do what is due."""
        done = asdict(run_upkeep(self.actor, at=self.at)) | {"digests": email_digests(self.actor, at=self.at)}
        if options["json"]:
            self.print_json(done)
        if done["events_wrong"]:
            raise CommandError(_("Recorded events were changed or removed. Run scoreport verify, which names them."))
        return (
            _(
                "Roles warned about: %(warned)d; organizations about to lose their last access manager:"
                " %(last_managers)d; roles that have ended: %(ended)d; reviews opened: %(reviews_opened)d,"
                " reminded of: %(reviews_reminded)d; anchors written: %(anchors_written)d; metadata of sign-in services"
                " renewed: %(metadata_renewed)d, warned about: %(services_warned)d; emails about exports: %(digests)d."
            )
            % done
        )
