"""Open questions of identity and their answers, one conditional UPDATE each."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.people.matching import Evidence, StudentDetails, evidence_of
from scoreport.people.models import MatchCase
from scoreport.people.queries import CaseInfo, RecordInfo, present_cases
from scoreport.people.rules import CaseState


class AlreadyAnswered(Refused):
    """Another person answered, or undid the answer, meanwhile."""


def evidence(case: CaseInfo) -> Evidence:
    """Return what speaks for the two records of a question being one student, and what against it."""
    return evidence_of(_details(case.record), _details(case.candidate))


def _details(record: RecordInfo) -> StudentDetails:
    return StudentDetails(
        record.first_name,
        record.last_name,
        record.birth_date,
        record.school_id,
        record.initial,
        record.gender,
        record.school_code,
        frozenset(record.identifiers),
    )


def decide(case_id: int, state: CaseState, *, by: str, note: str, at: datetime, with_others: bool = True) -> set[int]:
    """Answer an open question, and every other one about the same two students; return the records of all of them.

    Raises :class:`AlreadyAnswered`.
    """
    answer = {"state": state.value, "decided_at": at, "decided_by": by, "note": note[:500]}
    if not MatchCase.objects.filter(pk=case_id, state=CaseState.OPEN).update(**answer):
        raise AlreadyAnswered(_("This question was answered meanwhile. Reload the page to see the answer."))
    case = MatchCase.objects.select_related("record", "candidate").get(pk=case_id)
    one, other = case.record.student_id, case.candidate.student_id
    both = Q(record__student=one, candidate__student=other) | Q(record__student=other, candidate__student=one)
    others = present_cases().filter(both, state=CaseState.OPEN) if with_others else present_cases().none()
    companions = list(others.order_by("pk"))
    MatchCase.objects.filter(pk__in=[one.pk for one in companions]).update(answered_with=case, **answer)
    return _records([case, *companions])


def reopen(case_id: int) -> set[int]:
    """Undo an answer and those given with it; return the records of all of them.

    Raises :class:`AlreadyAnswered` when there is none.
    """
    blank = {"state": CaseState.OPEN.value, "decided_at": None, "decided_by": "", "note": "", "answered_with": None}
    case = MatchCase.objects.filter(pk=case_id).exclude(state=CaseState.OPEN).first()
    if case is None:
        raise AlreadyAnswered(_("This question is open, so there is no answer to undo. Reload the page."))
    first = case.answered_with_id or case.pk
    together = MatchCase.objects.filter(Q(pk__in=[case.pk, first]) | Q(answered_with=first))
    together = together.exclude(state=CaseState.OPEN).order_by("pk")
    found = list(together)
    MatchCase.objects.filter(pk__in=[one.pk for one in found]).update(**blank)
    return _records(found)


def _records(answered: Iterable[MatchCase]) -> set[int]:
    return {record for case in answered for record in (case.record_id, case.candidate_id)}
