"""``scoreport add-person EMAIL --name NAME --organization ID --role ROLE``."""

import argparse
import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport.access import Role
from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.typed import day
from scoreport.organizations.actions import add_person


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Give a person a role, and an account if they have none. Somebody without a password gets a link, printed once,"
        " to set it; hand it to them by a way that you trust."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        roles = ", ".join(Role)
        parser.add_argument("email", metavar="EMAIL", help="Their address; they sign in with it.")
        parser.add_argument("--name", required=True, help="How they are called; an existing account keeps its name.")
        parser.add_argument(
            "--organization", metavar="ID_OR_AI_CODE", help="Where the role is held; program staff need none."
        )
        parser.add_argument("--role", required=True, type=_role, metavar="ROLE", help=f"One of: {roles}.")
        parser.add_argument(
            "--ends", type=day, metavar="YYYY-MM-DD", help="Last day of the role; default: 30 June after the next one."
        )

    def run(
        self, *, email: str, name: str, organization: str | None, role: Role, ends: dt.date | None, **_options: Any
    ) -> str:
        """Add the person and print the link on a line of its own."""
        added = add_person(
            self.actor, email=email, name=name, organization=organization, role=role, ends_on=ends, at=self.at
        )
        sentence = _("%(person)s now has the role %(role)s, %(where)s, until %(end)s.") % {
            "person": added.person.as_text,
            "role": added.membership.role.label,
            "where": added.membership.organization or _("for the whole installation"),
            "end": added.membership.ends_on.isoformat(),
        }
        if added.link is None:
            return sentence
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": added.link.uid, "key": added.link.key})
        days = settings.PASSWORD_RESET_TIMEOUT // 86_400
        self.print_data(f"{settings.SITE_URL}{path}")
        return sentence + " " + _("The link above sets their password, once, within %(days)d days.") % {"days": days}


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        message = _('there is no role "%(role)s"; choose one of %(roles)s')
        raise argparse.ArgumentTypeError(message % {"role": text, "roles": ", ".join(Role)}) from error
