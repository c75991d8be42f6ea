"""Who can sign in to a demo: one person for each role, and one without any."""

from dataclasses import dataclass
from typing import Final

from scoreport.access import Role
from scoreport.cli.demo.places import ALDER, DOGWOOD_VALLEY

DOMAIN: Final = ".example"
"""Nobody can own an address that ends so (RFC 2606), hence no real person is ever taken for one of these."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who can be tried out; ``key`` names what they are for the sign-in page."""

    key: str
    name: str
    email: str
    roles: tuple[tuple[Role, str | None], ...]


PEOPLE: Final = (
    DemoPerson("counselor", "Carmen Alvarado", f"carmen.alvarado@alder{DOMAIN}", ((Role.DETAILED_REPORTS, ALDER),)),
    DemoPerson("principal", "Paul Nygaard", f"paul.nygaard@alder{DOMAIN}", ((Role.SUMMARY_REPORTS, ALDER),)),
    DemoPerson(
        "small-school-principal",
        "Grace Lund",
        f"grace.lund@dogwood{DOMAIN}",
        ((Role.SUMMARY_REPORTS, DOGWOOD_VALLEY),),
    ),
    DemoPerson("district-analyst", "Dana Vang", f"dana.vang@lakewood{DOMAIN}", ((Role.DETAILED_REPORTS, "MN-1"),)),
    DemoPerson("state-analyst", "Samuel Okafor", f"samuel.okafor@minnesota{DOMAIN}", ((Role.DETAILED_REPORTS, "MN"),)),
    DemoPerson(
        "two-districts-analyst",
        "Rosa Lucero",
        f"rosa.lucero@mesa-vista{DOMAIN}",
        ((Role.DETAILED_REPORTS, "NM-1"), (Role.SUMMARY_REPORTS, "NM-2")),
    ),
    DemoPerson(
        "data-administrator", "Ibrahim Farah", f"ibrahim.farah@lakewood{DOMAIN}", ((Role.FILE_DOWNLOADS, "MN-1"),)
    ),
    DemoPerson("access-manager", "Anne Bishop", f"anne.bishop@lakewood{DOMAIN}", ((Role.ACCESS_MANAGER, "MN-1"),)),
    DemoPerson("program-staff", "Priya Sharma", f"priya.sharma@scoreport{DOMAIN}", ((Role.PROGRAM_STAFF, None),)),
    DemoPerson("newcomer", "Noah Becker", f"noah.becker@alder{DOMAIN}", ()),
)

STAFF: Final = next(person for person in PEOPLE if person.key == "program-staff")
"""Who loads the score files of the story."""
