"""What people of the story look at, so that the access log of their institutions has something to tell."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Final

from scoreport.cli.demo.places import ALDER, LAKEWOOD
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.organizations.queries import find
from scoreport.people.queries import student_called
from scoreport.reports.actions import email_digests, export_roster, open_roster, open_student
from scoreport.reports.rules import Format, RosterQuery

_PROGRAM: Final = "clep"


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield a few looks at rosters and students, an export, and the email about it on the next day."""
    for days, hour, place in ((16, 14, 4), (9, 20, 0), (3, 15, 11), (1, 17, 2)):
        yield Scene(stage.ago(days, hour, 10), partial(_look, stage, place))
    yield Scene(stage.ago(2, 18), partial(_export, stage))
    yield Scene(stage.ago(1, 12), lambda at: email_digests(stage.operator, at=at))


def _look(stage: Stage, place: int, at: dt.datetime) -> None:
    """Let the counselor open the roster, and the page of a student in it."""
    counselor, school = stage.actor("counselor", at), find(ALDER)
    rows = open_roster(counselor, organization=school, query=RosterQuery(_PROGRAM), at=at).rows
    students = [row.student for row in rows]
    if students:
        later = at + dt.timedelta(minutes=2)
        student = student_called(students[place % len(students)])
        open_student(counselor, student_id=student.number, program=_PROGRAM, at=later)


def _export(stage: Stage, at: dt.datetime) -> None:
    analyst, query = stage.actor("district-analyst", at), RosterQuery(_PROGRAM)
    open_roster(analyst, organization=find(LAKEWOOD), query=query, at=at)
    export_roster(analyst, organization=find(ALDER), query=query, file_format=Format.CSV, at=at)
