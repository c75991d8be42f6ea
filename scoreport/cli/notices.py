"""Draft notices after an incident: a letter and a list of students for each school, for people to finish and send.

The letters are in English and are drafts: what stands in square brackets only people know, and the law of each state
says who is to be told, when, and by whom.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.lib.tabular import csv_lines
from scoreport.reports.rules.incident import Affected, Incident, Touch, TouchedPlace

_WAYS = {
    Touch.STUDENT: "a student's page was opened",
    Touch.ROSTER: "a roster was opened that lists the student",
    Touch.EXPORT: "a file was taken out that lists the student",
    Touch.FILE: "rows of a score file were opened or taken out",
    Touch.QUESTION: "records of the student were compared with others",
}
_DATA = {
    Touch.STUDENT: "name, date of birth, gender, ethnicity, grade, schools, exams, test dates, scores, credit",
    Touch.ROSTER: "name, date of birth, gender, ethnicity, grade, school, exams, test dates, scores",
    Touch.EXPORT: "name, date of birth, gender, ethnicity, grade, school, exams, test dates, scores",
    Touch.FILE: "name, date of birth, gender, ethnicity, grade, AI code, exams, test dates, scores",
    Touch.QUESTION: "name, date of birth, school, number of tests",
}
_HEADER = ("student", "last_name", "first_name", "date_of_birth", "how")


class FolderInUse(Refused):
    """Drafts are written into a new or empty folder, so that none is mixed with those of another incident."""


def write(folder: Path, told: Incident, students: Callable[[TouchedPlace], Iterable[Affected]]) -> Iterator[Path]:
    """Write the drafts for each school and yield where each letter is.

    The files are readable for nobody else. Raises :class:`FolderInUse` and OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderInUse(_('There are files in "%(folder)s" already. Name a new folder.') % {"folder": folder})
    for place in told.places:
        name = place.organization.code if place.organization else "no-school"
        rows = ((a.student, a.last_name, a.first_name, a.birth_date, " ".join(a.ways)) for a in students(place))
        _store(folder / f"{name}.csv", csv_lines(_HEADER, rows))
        letter = folder / f"{name}.txt"
        _store(letter, [letter_of(told, place).encode()])
        yield letter


def _store(path: Path, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(chunks)


def letter_of(told: Incident, place: TouchedPlace) -> str:
    """Return the draft of a letter to the people responsible at one school."""
    organization = place.organization
    whom = organization.name if organization else "Students whose school is not known"
    ways = [way for way in Touch if place.count(way)]
    lines = [
        "DRAFT – read, complete what stands in [brackets], and have it checked before it is sent.",
        "",
        f"To: {whom}" + (f" (AI code {organization.ai_code})" if organization and organization.ai_code else ""),
        "Date: [date]",
        "",
        "What happened",
        "[Describe what happened, how it was noticed, and what was done about it.]",
        "",
        "When",
        f"From {told.query.first.isoformat(timespec='minutes')} to {told.query.end.isoformat(timespec='minutes')}.",
        "",
        "Whose data",
        f"Students of yours: {len(place.students):,}. Their names are in the list beside this letter.",
        *(f"- {place.count(way):,}: {_WAYS[way]}" for way in ways),
        "A roster and a file count every student whom their filters find today, so these are more rather than fewer.",
        "",
        "Which data",
        *(f"- {data}" for data in dict.fromkeys(_DATA[way] for way in ways)),
        "No social security numbers, no passwords and no payment data are stored in Scoreport.",
        "",
        "By whose account",
        *(f"- {actor}" for actor in place.actors),
        "",
        "What you can do",
        "[Say what students and families can do, and what you offer them.]",
        "",
        "Whom to ask",
        "[Name, telephone, e-mail address, and the hours at which somebody answers.]",
        "",
    ]
    return "\n".join(lines)
