"""Who is in a demo: those whom one can be with one click, and the others who make lists look like lists."""

from dataclasses import dataclass
from typing import Final

from scoreport.access import Role
from scoreport.cli.demo.places import ALDER, BIRCH, DOGWOOD_VALLEY

DOMAIN: Final = ".example"
"""Nobody can own an address that ends so (RFC 2606), hence no real person is ever taken for one of these."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the story; ``key`` names what they are.

    ``roles`` are there from the story's beginning, those that are ``given`` come by an act that is told in it.
    """

    key: str
    name: str
    email: str
    roles: tuple[tuple[Role, str | None], ...]
    given: tuple[tuple[Role, str | None], ...] = ()

    @property
    def held(self) -> tuple[tuple[Role, str | None], ...]:
        """The roles that they have when the story is told."""
        return self.roles + self.given


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
    DemoPerson(
        "school-manager",
        "Ellen Halvorsen",
        f"ellen.halvorsen@alder{DOMAIN}",
        (),
        given=((Role.ACCESS_MANAGER, ALDER),),
    ),
    DemoPerson("manager-before-terms", "Tom Larkin", f"tom.larkin@birch{DOMAIN}", ((Role.ACCESS_MANAGER, BIRCH),)),
    DemoPerson(
        "clep-coordinator", "Marta Solis", f"marta.solis@alder{DOMAIN}", (), given=((Role.CLEP_COORDINATOR, ALDER),)
    ),
    DemoPerson(
        "clep-alternate", "Nina Castillo", f"nina.castillo@alder{DOMAIN}", (), given=((Role.CLEP_ALTERNATE, ALDER),)
    ),
    DemoPerson(
        "district-coordinator", "Lars Dahl", f"lars.dahl@lakewood{DOMAIN}", (), given=((Role.CLEP_COORDINATOR, "MN-1"),)
    ),
    DemoPerson(
        "clep-billing",
        "Ken Iverson",
        f"ken.iverson@lakewood{DOMAIN}",
        (),
        given=((Role.CLEP_BILLING, ALDER), (Role.CLEP_BILLING, "MN-1")),
    ),
    DemoPerson("program-staff", "Priya Sharma", f"priya.sharma@scoreport{DOMAIN}", ((Role.PROGRAM_STAFF, None),)),
    DemoPerson("second-staff", "Omar Haddad", f"omar.haddad@scoreport{DOMAIN}", ((Role.PROGRAM_STAFF, None),)),
    DemoPerson("new-principal", "Victor Mendez", f"victor.mendez@hawthorn{DOMAIN}", ()),
    DemoPerson("invited", "Hannah Osei", f"hannah.osei@alder{DOMAIN}", ()),
    DemoPerson("newcomer", "Noah Becker", f"noah.becker@alder{DOMAIN}", ()),
)
"""Whom the sign-in page offers."""

OTHERS: Final = (
    DemoPerson("second-manager", "Joan Keller", f"joan.keller@birch{DOMAIN}", ((Role.ACCESS_MANAGER, BIRCH),)),
    DemoPerson("never-here", "Martin Frost", f"martin.frost@alder{DOMAIN}", ()),
    DemoPerson("ends-soon", "Lena Ortiz", f"lena.ortiz@alder{DOMAIN}", ()),
    DemoPerson("ended", "Wendy Clark", f"wendy.clark@alder{DOMAIN}", ()),
    DemoPerson("revoked", "Gary Snyder", f"gary.snyder@alder{DOMAIN}", ()),
    DemoPerson("declined", "Alan Pratt", f"alan.pratt@elm{DOMAIN}", ()),
    DemoPerson("not-on-file", "Beth Holloway", f"beth.holloway@maple-lane{DOMAIN}", ()),
    DemoPerson("asks-for-code", "Iris Novak", f"iris.novak@fir{DOMAIN}", ()),
)
"""People of the story whom nobody needs to be; what roles they have, the story gives and takes."""

STAFF: Final = next(person for person in PEOPLE if person.key == "program-staff")
"""Who loads the score files of the story."""

BY_KEY: Final = {person.key: person for person in (*PEOPLE, *OTHERS)}
"""Everybody of the story."""
