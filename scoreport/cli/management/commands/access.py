"""``scoreport access list --organization ID_OR_AI_CODE [--json]`` and ``scoreport access revoke …``."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import K12_ROLES, Role
from scoreport.accounts.queries import last_sign_ins, person
from scoreport.cli.base import Job, ScoreportCommand
from scoreport.organizations.actions import revoke_role
from scoreport.organizations.queries import find
from scoreport.organizations.queries.users import all_users
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.users import HeldRole, UsersQuery


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "List who has access to an organization, or take a role away. The operator may take away the last access"
        " manager too, because an account that somebody else has taken over must be shut out at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT", help="What to do: list, or revoke.")
        listing = acts.add_parser("list", help="List the roles that open something now.")
        _add_place(listing)
        listing.add_argument("--with-under", action="store_true", help="Also those of everything under it.")
        listing.add_argument("--json", action="store_true", help="Print the list as JSON.")
        taking = acts.add_parser("revoke", help="Take a role away; it opens nothing from the next click on.")
        taking.add_argument("email", metavar="EMAIL", help="Whose role it is.")
        _add_place(taking)
        roles = ", ".join(K12_ROLES)
        taking.add_argument(
            "--role", required=True, type=Role, choices=K12_ROLES, metavar="ROLE", help=f"One of: {roles}."
        )

    def run(self, *, act: str, **options: Any) -> str:
        """Do the one or the other."""
        place = find(options["organization"])
        return self._list(place, **options) if act == "list" else self._revoke(place, **options)

    def _list(self, place: OrganizationInfo, *, with_under: bool, json: bool, **_options: Any) -> str:
        roles = list(all_users(self.actor, place, UsersQuery(with_under=with_under), self.at))
        if json:
            seen = last_sign_ins(self.actor, [role.person_id for role in roles])
            rows = [_as_json(role, seen.get(role.person_id)) for role in roles]
            self.print_json({"organization": place.address, "roles": rows})
        else:
            for role in roles:
                self.stdout.write(_as_line(role))
        told = ngettext("%(name)s: %(count)d role.", "%(name)s: %(count)d roles.", len(roles))
        return told % {"name": place.name, "count": len(roles)}

    def _revoke(self, place: OrganizationInfo, *, email: str, role: Role, **_options: Any) -> str:
        revoke_role(self.actor, email=email, organization=place.code, role=role, at=self.at)
        message = _("%(person)s does not have the role %(role)s at %(name)s any more.")
        return message % {"person": person(email).as_text, "role": role.label, "name": place.name}


def _add_place(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--organization", required=True, metavar="ID_OR_AI_CODE", help="A school, a district or a state."
    )


def _as_json(role: HeldRole, signed_in_at: dt.datetime | None) -> dict[str, object]:
    return {
        "email": role.email,
        "name": role.name,
        "role": role.role.value,
        "organization": role.organization.address,
        "granted_by": role.granted_by,
        "granted_at": role.granted_at.isoformat(),
        "ends_on": role.ends_on.isoformat(),
        "last_used_on": role.last_used_on.isoformat() if role.last_used_on else None,
        "last_sign_in": signed_in_at.isoformat() if signed_in_at else None,
        "unused": role.is_unused,
    }


def _as_line(role: HeldRole) -> str:
    who = f"{role.name} <{role.email}>"
    used = role.last_used_on.isoformat() if role.last_used_on else _("never used")
    return f"  {who:<48} {role.role.value:<18} {role.organization.address:<12} {role.ends_on.isoformat()}  {used}"
