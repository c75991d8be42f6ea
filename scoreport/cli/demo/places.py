"""The organizations of the story: two states, four districts, 24 schools, and where their students test.

The towns are made up. The first school of the first district, Alder High School, is the one that the story is told
about; one school is so small that its figures are hidden, one has never tested.
"""

import csv
import io
from dataclasses import dataclass
from typing import Final

LAKEWOOD: Final = "MN-1"
ALDER: Final = "MN-101"
BIRCH: Final = "MN-102"
ELM: Final = "MN-104"
FIR: Final = "MN-105"
HAWTHORN: Final = "MN-106"
DOGWOOD_VALLEY: Final = "MN-107"
"""The small one: fewer test takers a year than may be counted in public."""
JUNIPER: Final = "MN-205"
"""The one that opened this summer and has not tested."""
REMOTE: Final = ("9998", "Remote Proctored Testing", "Remote")


@dataclass(frozen=True, slots=True)
class School:
    """A school; ``takers`` is about how many of its students test in a year, ``lift`` how far their scores lie off."""

    code: str
    name: str
    ai_code: str
    takers: int
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class District:
    """A district with the one town that its schools are in."""

    code: str
    name: str
    city: str
    zip: str
    schools: tuple[School, ...]


@dataclass(frozen=True, slots=True)
class State:
    """A state with its districts and the test centers that its students go to: (code, name, city)."""

    code: str
    name: str
    city: str
    state: str
    zip: str
    time_zone: str
    centers: tuple[tuple[str, str, str], ...]
    districts: tuple[District, ...]


_LAKEWOOD: Final = District(
    LAKEWOOD,
    "Lakewood Public Schools",
    "Lakewood",
    "56011",
    (
        School(ALDER, "Alder High School", "989101", 118, 0.2),
        School(BIRCH, "Birch High School", "989102", 96),
        School("MN-103", "Cedar Early College", "000917", 104, 0.5),
        School(ELM, "Elm Academy", "989104", 52),
        School(FIR, "Fir Technical Center", "989105", 38, -0.4),
        School(HAWTHORN, "Hawthorn High School", "989106", 81, -0.1),
        School(DOGWOOD_VALLEY, "Dogwood Valley School", "989107", 6),
        School("MN-108", "Lakewood Online School", "004410", 64, 0.1),
    ),
)
_PRAIRIE: Final = District(
    "MN-2",
    "Prairie River School District",
    "Prairie River",
    "56140",
    (
        School("MN-201", "Ironwood High School", "989201", 72),
        School("MN-202", "Larch High School", "989202", 58, -0.2),
        School("MN-203", "Linden Academy", "989203", 41, 0.3),
        School("MN-204", "Maple Grove Senior High School", "000938", 66),
        School(JUNIPER, "Juniper Early College", "989205", 0),
        School("MN-206", "Mulberry High School", "989206", 29, -0.3),
    ),
)
_MESA: Final = District(
    "NM-1",
    "Mesa Vista Public Schools",
    "Mesa Vista",
    "87611",
    (
        School("NM-101", "Mesquite High School", "989301", 88),
        School("NM-102", "Olive High School", "989302", 61, -0.2),
        School("NM-103", "Palo Verde Early College", "989303", 83, 0.4),
        School("NM-104", "Piñon Academy", "000926", 36, 0.1),
        School("NM-105", "Ponderosa High School", "989305", 57),
        School("NM-106", "Redbud Technical Center", "989306", 24, -0.5),
        School("NM-107", "Sycamore High School", "989307", 47),
    ),
)
_COTTONWOOD: Final = District(
    "NM-2",
    "Cottonwood School District",
    "Cottonwood",
    "88044",
    (
        School("NM-201", "Tamarack High School", "989401", 63),
        School("NM-202", "Walnut High School", "989402", 34, -0.1),
        School("NM-203", "Willow Academy", "005120", 26, 0.2),
    ),
)

STATES: Final = (
    State(
        "MN",
        "Minnesota Demo Education Office",
        "Saint Brendan",
        "MN",
        "56001",
        "America/Chicago",
        (
            ("4101", "Lakewood Community College", "Lakewood"),
            ("4102", "Prairie River Technical College", "Prairie River"),
            ("4103", "University of Saint Brendan", "Saint Brendan"),
        ),
        (_LAKEWOOD, _PRAIRIE),
    ),
    State(
        "NM",
        "New Mexico Demo Education Office",
        "Mesa Vista",
        "NM",
        "87601",
        "America/Denver",
        (("4201", "Mesa Vista College", "Mesa Vista"), ("4202", "Cottonwood Community College", "Cottonwood")),
        (_MESA, _COTTONWOOD),
    ),
)

_COLUMNS: Final = (
    *("kind", "organization_id", "name", "parent_id", "ai_code", "city", "state", "zip", "time_zone"),
    *("contact_name", "contact_email"),
)
_CONTACTS: Final = (
    *("Maria Delgado", "John Abbott", "Susan Park", "Peter Lindqvist", "Yolanda Baker", "Thomas Reed", "Nadia Haddad"),
    *("George Whitfield", "Ruth Sandoval", "Kevin Doyle", "Amina Yusuf", "Carl Jensen"),
)
_WITHOUT_CONTACT: Final = 7
"""Every so many schools there is one of which nobody has told whom to write to."""


def rows() -> list[tuple[str, ...]]:
    """Return the organizations in the columns of the file that loads them."""
    told: list[tuple[str, ...]] = []
    for state in STATES:
        told.append(("state", state.code, state.name, "", "", state.city, state.state, state.zip, state.time_zone))
        for district in state.districts:
            where = (district.city, state.state, district.zip, state.time_zone)
            told.append(("district", district.code, district.name, state.code, "", *where))
            told += [("school", s.code, s.name, district.code, s.ai_code, *where) for s in district.schools]
    return told


def codes() -> frozenset[str]:
    """Return the codes of all organizations of the story."""
    return frozenset(row[1] for row in rows())


def csv_file() -> bytes:
    """Return the file that loads the organizations, with whom to write to at most schools."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((*row, *_contact(number, row)) for number, row in enumerate(rows(), start=1))
    return text.getvalue().encode()


def _contact(number: int, row: tuple[str, ...]) -> tuple[str, str]:
    """Return name and address of a school's principal on file."""
    if row[0] != "school" or number % _WITHOUT_CONTACT == 0:
        return "", ""
    name = _CONTACTS[number % len(_CONTACTS)]
    return name, f"{name.lower().replace(' ', '.')}@{row[1].lower()}.example"
