"""Made-up data for the style page."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest

from scoreport.web.page import Choice, Column, Figure, Job

ORGANIZATIONS = (
    Choice("Cedar Falls High School", "?school=1", current=True, detail="School · AI code 111007"),
    Choice("Alder Valley Unified School District of the Northern Counties", "?school=2", detail="District"),
    Choice("Birch High School", "?school=3", detail="School · AI code 000123"),
)
YEARS = tuple(Choice(f"{year}–{year + 1}", f"?year={year}", current=not year % 5) for year in (2026, 2025, 2024, 2023))
FIGURES = (
    Figure("CLEP test takers", "316", note="314 the year before"),
    Figure("Tests taken", "724", note="722 the year before"),
    Figure(
        "Scores of 50 or higher",
        "454",
        note="426 the year before",
        help="50 is the score that ACE recommends for college credit. Some language exams have a second level.",
    ),
    Figure(
        "Share at 50 or higher",
        "62.7",
        unit="%",
        note="on the year before",
        trend="up",
        trend_text="3.7 points",
        main=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Exam:
    """A row of the table by exam."""

    name: str
    takers: int
    tests: int
    mean: float
    share: float
    counts: tuple[int, ...]


EXAMS = (
    Exam("Biology", 55, 56, 51.4, 60.7, (1, 1, 2, 4, 3, 11, 9, 10, 8, 1, 3, 0)),
    Exam(
        "History of the United States I: Early Colonization to 1877",
        54,
        54,
        55.1,
        70.4,
        (0, 0, 5, 0, 5, 6, 6, 13, 10, 5, 3, 1),
    ),
    Exam("College Algebra", 50, 52, 52.7, 53.8, (0, 0, 1, 5, 6, 12, 7, 6, 6, 5, 3, 1)),
    Exam("Spanish Language with Writing", 12, 12, 58.9, 100, (0, 0, 0, 0, 0, 0, 3, 4, 3, 2, 0, 0)),
    Exam("Western Civilization II: 1648 to the Present", 1, 1, 44, 0, (0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)),
)
BINS = (*(f"{low}–{low + 4}" for low in range(20, 75, 5)), "75–80")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the roster; no score means that the essay is still being read."""

    last_name: str
    first_name: str
    born: date
    grade: str
    ticket: str
    tested: date
    center: str
    exam: str
    score: int | None


@dataclass(frozen=True, slots=True)
class SampleTool:
    """A card of the dashboard."""

    title: str
    description: str
    icon: str
    url: str = "?tool"


TOOLS = (
    SampleTool("Score reports", "Open the CLEP report of your school, district or state.", "report"),
    SampleTool("Program desk", "Load score files, read what is wrong with them, and accept them.", "desk"),
    SampleTool("Student matching", "Decide which records belong to one student.", "person"),
)

_CENTER = "St. Clair Community College"
ROWS = (
    Row("Webster", "Dean", date(2009, 1, 3), "11th", "25010003753", date(2026, 6, 24), _CENTER, "Biology", 60),
    Row(
        "Márquez Guðmundsdóttir",
        "Ana-Lucía",
        date(2008, 9, 27),
        "12th",
        "25010000343",
        date(2026, 6, 24),
        _CENTER,
        "College Composition",
        None,
    ),
    Row(
        "O’Brien",
        "Seán",
        date(2009, 2, 7),
        "11th",
        "25010001793",
        date(2026, 6, 22),
        "Remote Proctored Testing",
        "Introductory Sociology",
        46,
    ),
    Row(
        "=HYPERLINK(0)",
        "Nguyễn",
        date(2008, 8, 28),
        "12th",
        "25010002926",
        date(2026, 6, 22),
        _CENTER,
        "History of the United States I",
        80,
    ),
)

PREPARING = Job("a", "CLEP roster, 2025–2026, CSV", "preparing", poll_url="/style/job/", done=412_000, total=1_000_000)


def columns(request: HttpRequest) -> list[Column]:
    """Sort by the column that the address asks for, to show the arrows at work."""
    chosen = request.GET.get("sort", "tested")
    names = {
        "last": "Last name",
        "first": "First name",
        "born": "Date of birth",
        "grade": "Grade",
        "ticket": "Ticket",
        "tested": "Date tested",
        "center": "Test center",
        "exam": "Exam",
        "score": "Score",
    }
    classes = {"last": "name", "score": "score"}
    return [
        Column(
            label=label,
            url=f"?sort={key}",
            direction="descending" if key == chosen else "",
            numeric=key == "score",
            css_class=classes.get(key, ""),
        )
        for key, label in names.items()
    ]


def jobs(expires_at: datetime) -> list[Job]:
    """One of each state."""
    return [
        PREPARING,
        Job("b", "CLEP roster, 2024–2025, XLSX", "preparing", poll_url="/style/job/"),
        Job("c", "CLEP roster, 2025–2026, CSV", "ready", url="?file", size=1_432_100, expires_at=expires_at),
        Job("d", "CLEP roster, all years", "expired", retry_url="/style/"),
        Job(
            "e", "CLEP roster, 2023–2024", "failed", reason="The disk was full. Nothing was lost.", retry_url="/style/"
        ),
    ]
