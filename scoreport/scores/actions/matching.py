"""What people do with students' identity: the crosswalk, and answers to open questions."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final

from django.db import connection, transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record, record_many
from scoreport.audit.rules import NewEvent, Verb
from scoreport.imports import actions as imports
from scoreport.imports.problems import FileCause
from scoreport.imports.rules import AS_IT_IS, FileState, Options
from scoreport.lib.locks import Lock, hold
from scoreport.organizations.rules import Problem
from scoreport.people import cases, crosswalk, identity
from scoreport.people.cases import AlreadyAnswered
from scoreport.people.queries import open_cases_of, public_ids, records_of_cases
from scoreport.people.rules import CaseState
from scoreport.scores.files.shown import count_rows_shown, record_by_school
from scoreport.scores.intake.identifiers import TARGET

_RECORDS: Final = 2
"""A question shows this many records."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """A crosswalk that was loaded: the number of its file, its rows, and how many identifiers were new."""

    file: int
    rows: int
    new: int
    notices: tuple[str, ...] = ()
    causes: tuple[FileCause, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class MatchesDecided:
    """The numbers of the questions that got an answer, and of those that somebody else had answered before."""

    decided: tuple[int, ...]
    answered_before: tuple[int, ...]


def note_questions_seen(actor: Actor, *, case_ids: list[int], at: datetime) -> None:
    """Record, before they are shown, that a person looks at the records of questions of identity, also at each school.

    Raises :class:`scoreport.scores.files.shown.TooManyRows`.
    """
    access.require(actor, Permission.PEOPLE_MATCH)
    shown = records_of_cases(case_ids)
    called = public_ids(student for student, _school in shown)
    students: dict[int, list[str]] = defaultdict(list)
    for student, school in shown:
        if school is not None:
            students[school].append(called[student])
    with transaction.atomic():
        count_rows_shown(actor, {f"question:{number}": _RECORDS for number in case_ids}, at)
        record(actor, verb=Verb.MATCHES_VIEWED, at=at, subject_kind="match-case", questions=[*case_ids])
        record_by_school(
            actor,
            verb=Verb.MATCH_RECORDS_SHOWN,
            at=at,
            schools={school: {"rows": len(its), "students": tuple(sorted(its))} for school, its in students.items()},
            subject_kind="match-records",
        )


def load_crosswalk(
    actor: Actor, *, file: IO[bytes], at: datetime, name: str = "identifiers.csv", options: Options = AS_IT_IS
) -> Crosswalk:
    """Store which students another system calls by one identifier; they are one student from now on.

    The file can be undone by its number. Raises :class:`scoreport.people.crosswalk.CrosswalkRefused` with every
    problem of the file.
    """
    chunks = iter(lambda: file.read(_CHUNK), b"")
    number = imports.receive_file(
        actor, kind=TARGET.kind, name=name, chunks=chunks, at=at, check_later=False, options=options
    )
    checked = imports.check_now(actor, file_id=number, at=at)
    problems = [Problem(row.line, row.column, row.value, row.reason) for row in checked.refused.order_by("line", "id")]
    causes = tuple(map(FileCause.from_json, checked.causes))
    if checked.state == FileState.FAILED:
        problems.append(Problem(0, "", "", checked.reason))
    if problems:
        imports.discard_file(actor, file_id=number, at=at)
        raise crosswalk.CrosswalkRefused(problems, causes)
    accepted = imports.accept_now(actor, file_id=number, at=at)
    return Crosswalk(
        number, accepted.rows_total, accepted.rows_new, tuple(accepted.notices), causes, accepted.rows_skipped
    )


def decide_match(
    actor: Actor, *, case_id: int, same: bool, note: str = "", at: datetime, with_others: bool = True
) -> None:
    """Answer whether two students are one, in every question about these two; reversible by :func:`undo_match`."""
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic():
        hold(Lock.SCORES)
        _decide(actor, case_id, same=same, note=note, at=at, with_others=with_others)
        _record_decided(actor, [case_id], same=same, at=at)


def decide_matches(
    actor: Actor, *, case_ids: Collection[int], same: bool, note: str = "", at: datetime
) -> MatchesDecided:
    """Answer several questions alike, all or none of them; each answer is recorded and can be undone by itself.

    A question that somebody else answered meanwhile keeps that answer, and is named in what is returned.
    """
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic():
        hold(Lock.SCORES)
        open_before = open_cases_of(case_ids)
        for case_id in open_before:
            # An answer to an earlier one may have answered this one too: it is about the same two students.
            with suppress(AlreadyAnswered):
                _decide(actor, case_id, same=same, note=note, at=at)
        _record_decided(actor, open_before, same=same, at=at)
    return MatchesDecided(tuple(open_before), tuple(sorted(set(case_ids) - set(open_before))))


def _decide(actor: Actor, case_id: int, *, same: bool, note: str, at: datetime, with_others: bool = True) -> None:
    state = CaseState.SAME if same else CaseState.DIFFERENT
    _relink(cases.decide(case_id, state, by=actor.name, note=note, at=at, with_others=with_others), at=at)


def _record_decided(actor: Actor, case_ids: Iterable[int], *, same: bool, at: datetime) -> None:
    events = [NewEvent(Verb.MATCH_DECIDED, "", "match-case", str(number), "", {"same": same}) for number in case_ids]
    record_many(actor, at=at, events=events)


def undo_match(actor: Actor, *, case_id: int, at: datetime) -> None:
    """Undo an answer and those given with it; the records and their scores are as they were before."""
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic():
        hold(Lock.SCORES)
        _relink(cases.reopen(case_id), at=at)
        record(actor, verb=Verb.MATCH_UNDONE, at=at, subject_kind="match-case", subject=str(case_id))


def _relink(record_ids: Iterable[int], *, at: datetime) -> None:
    with connection.cursor() as cursor:
        identity.recompute(cursor, identity.group(cursor, record_ids), at=at)
