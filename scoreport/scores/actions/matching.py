"""What people do with students' identity: the crosswalk, and answers to open questions."""

from datetime import datetime
from typing import IO

from django.db import connection, transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.people import cases, crosswalk
from scoreport.people.rules import CaseState
from scoreport.scores import identity
from scoreport.scores.intake import run


def note_questions_seen(actor: Actor, *, case_ids: list[int], at: datetime) -> None:
    """Record that somebody looks at the records of questions of identity."""
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic():
        record(actor, verb=Verb.MATCHES_VIEWED, at=at, subject_kind="match-case", questions=[*case_ids])


def load_crosswalk(actor: Actor, *, file: IO[bytes], at: datetime) -> crosswalk.Known:
    """Store which students another system calls by one identifier; they are one student from now on.

    Raises :class:`scoreport.people.crosswalk.CrosswalkRefused` with every problem of the file.
    """
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic(), connection.cursor() as cursor:
        run.lock()
        known = crosswalk.load(cursor, file)
        identity.settle(cursor, identity.group(cursor, known.records), at=at)
        record(actor, verb=Verb.CROSSWALK_LOADED, at=at, rows=known.rows, new=known.new)
    return known


def decide_match(actor: Actor, *, case_id: int, same: bool, note: str = "", at: datetime) -> None:
    """Answer whether two records are one student; reversible by :func:`undo_match`."""
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic():
        case = cases.decide(case_id, CaseState.SAME if same else CaseState.DIFFERENT, by=actor.name, note=note, at=at)
        _relink(case.record_id, case.candidate_id, at=at)
        record(actor, verb=Verb.MATCH_DECIDED, at=at, subject_kind="match-case", subject=str(case_id), same=same)


def undo_match(actor: Actor, *, case_id: int, at: datetime) -> None:
    """Take an answer back; the records and their scores are as they were before it."""
    access.require(actor, Permission.PEOPLE_MATCH)
    with transaction.atomic():
        case = cases.reopen(case_id)
        _relink(case.record_id, case.candidate_id, at=at)
        record(actor, verb=Verb.MATCH_UNDONE, at=at, subject_kind="match-case", subject=str(case_id))


def _relink(*record_ids: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        identity.settle(cursor, identity.group(cursor, record_ids), at=at)
