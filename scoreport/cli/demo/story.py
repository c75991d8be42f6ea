"""Building the demo: the organizations, the people, then everything that happens, through the same doors as in life.

What happens is told in scenes, each with its instant, and played in the order of time: score files, access, help.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from scoreport.access import Actor
from scoreport.accounts.actions import create_person
from scoreport.cli.demo import access, canceling, claiming, helping, inviting, looking, places, vouchers
from scoreport.cli.demo.files import Fate, StoryFile, ai_code_of, lost_tests, story_files
from scoreport.cli.demo.people import OTHERS, PEOPLE, STAFF, DemoPerson
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.cli.demo.testing import Test, history
from scoreport.imports.rules import FileState
from scoreport.lib.clock import local_date
from scoreport.organizations.actions import grant_role, load_organizations
from scoreport.organizations.rules import role_end
from scoreport.people.queries import cases
from scoreport.people.rules import Reason
from scoreport.programs.rules import AcademicYear
from scoreport.scores.actions import accept_now, check_now, decide_match, receive_file, see_rows, undo_now
from scoreport.scores.files import ListKind, files_of

Progress = Callable[[str], None]

STEPS: Final = 12
"""How often ``progress`` is called, at most."""

_BEFORE_THE_STORY: Final = dt.timedelta(days=2)
_MINUTE: Final = dt.timedelta(minutes=1)
_YEARS_BEFORE: Final = 3
"""So many files tell of a whole year each; they come first."""


@dataclass(frozen=True, slots=True)
class Told:
    """How large the story has become, and a test that is missing in a report until somebody looks for it."""

    organizations: int
    people: int
    files: int
    tests: int
    missing: Test


def tell(actor: Actor, *, seed: int, at: dt.datetime, progress: Progress) -> Told:
    """Build the story in an empty database, as of ``at``; the same number and day give the same one."""
    # The westernmost zone decides what day it is, so that no test is from tomorrow anywhere.
    today = local_date(at, places.STATES[-1].time_zone)
    running = AcademicYear.of(today).start
    progress("drawing who tested when")
    tests = history(running, seed)
    files = story_files(tests, running, at, today)
    progress("organizations and people")
    stage = Stage(operator=actor, today=today, at=at)
    organizations = begin(stage, min(file.received_at for file in files) - _BEFORE_THE_STORY)
    lost = lost_tests(tests, running)
    last_year = [file for file in files if file.fate is Fate.ACCEPTED][_YEARS_BEFORE - 1]
    claims = claiming.scenes(stage, lost, last_year.received_at)
    elsewhere = {test.ticket for test in lost}
    canceled = canceling.scenes(
        stage, [test for test in tests if test.ticket not in elsewhere], ai_code_of(places.ALDER), last_year.received_at
    )
    play([*_arrivals(stage, files, progress), *acts(stage), *claims, *canceled])
    progress("questions of identity")
    staff = stage.actor(STAFF.key, at)
    _look_at_problems(staff, at - 2 * _MINUTE)
    _answer_some(staff, at - _MINUTE)
    return Told(
        organizations=organizations,
        people=len(PEOPLE),
        files=len(files),
        tests=sum(test.tested <= today for test in tests),
        missing=lost[-1],
    )


def _arrivals(stage: Stage, files: Sequence[StoryFile], progress: Progress) -> Iterator[Scene]:
    """Yield the scenes in which the score files arrive."""
    for file in files:

        def play(at: dt.datetime, file: StoryFile = file) -> None:
            progress(file.name)
            _bring(stage.actor(STAFF.key, at), file, at)

        yield Scene(file.received_at, play)


def acts(stage: Stage) -> Iterator[Scene]:
    """Yield what people do that needs no score files to have arrived."""
    yield from access.scenes(stage)
    yield from inviting.scenes(stage)
    yield from looking.scenes(stage)
    yield from helping.scenes(stage)
    yield from vouchers.scenes(stage)


def play(scenes: Iterable[Scene]) -> None:
    """Let everything happen, in the order of time."""
    for scene in sorted(scenes, key=lambda scene: scene.at):
        scene.play(scene.at)


def begin(stage: Stage, at: dt.datetime) -> int:
    """Add the organizations and everybody of the story; return how many organizations there are."""
    loaded = load_organizations(stage.operator, file=io.BytesIO(places.csv_file()), at=at)
    for person in (*PEOPLE, *OTHERS):
        _add(stage.operator, person, ends_on=role_end(stage.today, years=settings.ROLE_ENDS_AFTER_YEARS), at=at)
    return loaded.new


def _add(actor: Actor, person: DemoPerson, *, ends_on: dt.date, at: dt.datetime) -> None:
    create_person(actor, email=person.email, name=person.name, at=at)
    for role, organization in person.roles:
        grant_role(actor, email=person.email, organization=organization, role=role, ends_on=ends_on, at=at)


def _bring(staff: Actor, file: StoryFile, at: dt.datetime) -> None:
    """Let a file arrive and meet its fate, a minute between the steps."""
    file_id = receive_file(staff, program="clep", name=file.name, chunks=[file.content], at=at, check_later=False)
    check_now(staff, file_id=file_id, at=at + _MINUTE)
    if file.fate is Fate.CHECKED:
        return
    accept_now(staff, file_id=file_id, at=at + 2 * _MINUTE)
    if file.fate is Fate.UNDONE:
        undo_now(staff, file_id=file_id, at=at + 30 * _MINUTE)


def _look_at_problems(staff: Actor, at: dt.datetime) -> None:
    """Let the newest accepted file's changed rows be looked at, so that the logs of their schools tell of it."""
    accepted, _number = files_of(staff, states=[FileState.ACCEPTED], limit=1)
    for info in accepted:
        see_rows(staff, file_id=info.id, kind=ListKind.CHANGED, at=at)


def _answer_some(staff: Actor, at: dt.datetime) -> None:
    """Decide about two students who moved, so that the desk shows how answers look; the other questions stay open."""
    answers = ((True, "Moved in the summer; both schools confirm it."), (False, "Two students of one name."))
    for same, note in answers:
        # One answer counts for every question about the same two students.
        for case in cases(staff, is_open=True, reason=Reason.OTHER_SCHOOL, limit=1)[0]:
            decide_match(staff, case_id=case.id, same=same, note=note, at=at)
