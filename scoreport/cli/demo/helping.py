"""Requests for help, in each state that a request can be in, kept answers, and support access for two of them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from scoreport.cli.demo.people import BY_KEY
from scoreport.cli.demo.places import ALDER
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.organizations.actions.support import allow, begin, end, note_page
from scoreport.organizations.queries import find
from scoreport.support.actions import answering, asking
from scoreport.support.actions.canned import keep_answer
from scoreport.support.attachments import Given
from scoreport.support.queries.desk import request_at_desk
from scoreport.support.rules.requests import Asking, Kind

_MINUTE: Final = dt.timedelta(minutes=1)
_KEPT: Final = (
    (
        "Scores with essays",
        "en",
        "Scores of exams with essays arrive two to three weeks after the test. Nothing is missing yet.",
    ),
    (
        "Scores with essays",
        "es",
        "Los puntajes de exámenes con ensayo llegan de dos a tres semanas después de la prueba. Todavía no falta nada.",
    ),
    (
        "Ask your access manager",
        "en",
        "Only the access manager can give you this role. Help → “Who is our access manager?” names them.",
    ),
)
_OLDER: Final = b"year,exam,score\n2018-2019,Biology,57\n2018-2019,College Algebra,61\n"


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield what is asked and answered: new, overdue with a note, answered, closed; and two support accesses."""
    yield Scene(stage.ago(30), lambda at: _keep_answers(stage, at))
    yield from _overdue(stage)
    yield from _answered(stage)
    yield from _closed(stage)
    yield from _looked_into(stage)
    text = "The mean of this year is lower than in the spring. Is a file missing?"
    page = f"/reports/clep/{find(ALDER).address}/"
    yield _asked(stage, "counselor", stage.at - 90 * _MINUTE, {}, _words(Kind.REPORT, text, page=page))


def _keep_answers(stage: Stage, at: dt.datetime) -> None:
    staff = stage.actor("program-staff", at)
    for title, language, text in _KEPT:
        keep_answer(staff, title=title, language=language, text=text, at=at)


def _asked(stage: Stage, key: str, moment: dt.datetime, numbers: dict[Kind, int], told: Asking) -> Scene:
    """Return the scene in which somebody asks; the number is noted under the kind."""

    def play(at: dt.datetime) -> None:
        signed = replace(told, name=BY_KEY[key].name)
        numbers[told.kind] = asking.ask(stage.actor(key, at), asking=signed, once=f"demo-{told.kind}", at=at)

    return Scene(moment, play)


def _words(
    kind: Kind,
    text: str,
    *,
    title: str = "Counselor",
    institution: str = "Alder High School",
    years: str = "",
    page: str = "",
) -> Asking:
    """Return a request that is signed when it is made."""
    return Asking(kind=kind, text=text, name="", title=title, institution=institution, years=years, page=page)


def _answer(
    stage: Stage, number: int, text: str, at: dt.datetime, *, files: Sequence[Given] = (), settle: bool = False
) -> None:
    staff = stage.actor("program-staff", at)
    seen = request_at_desk(staff, number, at=at).info.messages
    answering.answer(staff, number=number, text=text, seen=seen, files=files, settle=settle, at=at)


def _overdue(stage: Stage) -> Iterator[Scene]:
    numbers: dict[Kind, int] = {}

    def take(at: dt.datetime) -> None:
        staff, number = stage.actor("program-staff", at), numbers[Kind.ACCESS_CODE]
        answering.assign(staff, number=number, to=staff.person_id, instead_of=None, at=at)
        words = "The contact on file has left. I have called the district."
        answering.note(staff, number=number, text=words, at=at + _MINUTE)

    text = "We never got an access code for our school. Where was it sent?"
    school = "Dogwood Valley School"
    person = "small-school-principal"
    asked_at = stage.ago(6, 14)
    yield _asked(
        stage, person, asked_at, numbers, _words(Kind.ACCESS_CODE, text, title="Principal", institution=school)
    )
    yield Scene(stage.ago(5), take)


def _answered(stage: Stage) -> Iterator[Scene]:
    numbers: dict[Kind, int] = {}

    def answer(at: dt.datetime) -> None:
        words = "Here they are. The file opens with your second factor."
        files = [Given("older_scores.csv", [_OLDER])]
        _answer(stage, numbers[Kind.OLDER_DATA], words, at, files=files)

    text, years = "All CLEP scores of our school, for an accreditation.", "2018–2019 to 2020–2021"
    yield _asked(stage, "counselor", stage.ago(9, 14), numbers, _words(Kind.OLDER_DATA, text, years=years))
    yield Scene(stage.ago(8), answer)


def _closed(stage: Stage) -> Iterator[Scene]:
    numbers: dict[Kind, int] = {}
    text = "A College Composition of last week is not in the report."
    yield _asked(
        stage,
        "district-analyst",
        stage.ago(12, 14),
        numbers,
        _words(Kind.MISSING_SCORES, text, title="Analyst", institution="Lakewood Public Schools"),
    )
    yield Scene(stage.ago(11), lambda at: _answer(stage, numbers[Kind.MISSING_SCORES], _KEPT[0][2], at, settle=True))


def _looked_into(stage: Stage) -> Iterator[Scene]:
    """Support access that is over, with three pages in the log, and one that waits for program staff."""
    numbers: dict[Kind, int] = {}

    def first(at: dt.datetime) -> None:
        _look(stage, str(numbers[Kind.CORRECTION]), at)
        words = "The score belongs to your student, and stands in the report now."
        _answer(stage, numbers[Kind.CORRECTION], words, at + 45 * _MINUTE, settle=True)

    def second(at: dt.datetime) -> None:
        ticket, reason = str(numbers[Kind.OTHER]), "Two students have the same name; which one is ours?"
        manager = stage.actor("school-manager", at)
        allow(manager, organization=ALDER, ticket=ticket, reason=reason, hours=8, at=at)

    text = "One row of the roster has a birth date that we do not know. Please look at it."
    yield _asked(stage, "school-manager", stage.ago(8, 14), numbers, _words(Kind.CORRECTION, text, title="Registrar"))
    yield Scene(stage.ago(7, 14), first)
    text = "Two students of one name stand in our roster. Which of them is ours?"
    yield _asked(stage, "school-manager", stage.at - 30 * _MINUTE, numbers, _words(Kind.OTHER, text, title="Registrar"))
    yield Scene(stage.at - 5 * _MINUTE, second)


def _look(stage: Stage, ticket: str, at: dt.datetime) -> None:
    """Let the manager allow support access, and program staff look at two pages through it."""
    manager, reason = stage.actor("school-manager", at), "A birth date in the roster is not the one we know."
    given = allow(manager, organization=ALDER, ticket=ticket, reason=reason, hours=2, at=at)
    begin(stage.actor("program-staff", at), support_id=given.id, at=at + 10 * _MINUTE)
    address = find(ALDER).address
    for number, path in enumerate((f"/reports/clep/{address}/", f"/managing/{address}/log/"), start=11):
        moment = at + number * _MINUTE
        note_page(stage.actor("program-staff", moment), support_id=given.id, path=path, asked=(), at=moment)
    later = at + 40 * _MINUTE
    end(stage.actor("program-staff", later), support_id=given.id, at=later)
