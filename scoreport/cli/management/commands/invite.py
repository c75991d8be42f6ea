"""``scoreport invite EMAIL --organization ID --role ROLE --by EMAIL``."""

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.access import K12_ROLES, ActorKind, Role
from scoreport.accounts.queries import person
from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.typed import day
from scoreport.lib.clock import local
from scoreport.organizations.actions.invitations import invite
from scoreport.organizations.queries import actor_of


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Invite somebody by mail, in the name of an access manager. The manager has to be one of that organization or"
        " of one above it; whoever runs the command vouches for them, so no second factor is asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="Whom to invite; only the owner of this address can accept.")
        parser.add_argument("--organization", required=True, metavar="ID_OR_AI_CODE", help="Where the roles are held.")
        parser.add_argument(
            "--role",
            required=True,
            action="append",
            type=_role,
            metavar="ROLE",
            help=f"One of: {', '.join(K12_ROLES)}. Several by repeating it.",
        )
        parser.add_argument("--by", required=True, metavar="EMAIL", help="The access manager who invites.")
        parser.add_argument("--name", default="", help="How the person is called, to know them again in the list.")
        parser.add_argument(
            "--ends-on",
            type=day,
            metavar="YYYY-MM-DD",
            help="Last day of the roles; default: 30 June after the next one.",
        )

    def run(
        self,
        *,
        email: str,
        organization: str,
        role: list[Role],
        by: str,
        name: str,
        ends_on: dt.date | None,
        **_options: Any,
    ) -> str:
        """Invite as the manager; the mail goes out with the background work."""
        manager = actor_of(person(by).id, second_factor=True, at=self.at, kind=ActorKind.COMMAND)
        info = invite(
            manager, organization=organization, email=email, name=name, roles=role, ends_on=ends_on, at=self.at
        )
        return _("%(email)s is invited to %(organization)s by %(manager)s; the link works until %(moment)s.") % {
            "email": info.email,
            "organization": info.organization.name,
            "manager": info.invited_by,
            "moment": local(info.expires_at, info.organization.time_zone).isoformat(timespec="minutes"),
        }


def _role(text: str) -> Role:
    if text not in K12_ROLES:
        message = _('there is no role "%(role)s" to invite to; choose among %(roles)s')
        raise argparse.ArgumentTypeError(message % {"role": text, "roles": ", ".join(K12_ROLES)})
    return Role(text)
