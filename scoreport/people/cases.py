"""Open questions of identity and their answers, one conditional UPDATE each."""

from datetime import datetime

from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.people.models import MatchCase
from scoreport.people.rules import CaseState


class AlreadyAnswered(Refused):
    """Somebody else answered, or took the answer back, meanwhile."""


def decide(case_id: int, state: CaseState, *, by: str, note: str, at: datetime) -> MatchCase:
    """Answer an open question. Raises :class:`AlreadyAnswered`."""
    answer = {"state": state.value, "decided_at": at, "decided_by": by, "note": note[:500]}
    if not MatchCase.objects.filter(pk=case_id, state=CaseState.OPEN).update(**answer):
        raise AlreadyAnswered(_("This question was answered meanwhile. Reload the page to see the answer."))
    return MatchCase.objects.get(pk=case_id)


def reopen(case_id: int) -> MatchCase:
    """Take an answer back. Raises :class:`AlreadyAnswered` when there is none."""
    blank = {"state": CaseState.OPEN.value, "decided_at": None, "decided_by": "", "note": ""}
    if not MatchCase.objects.filter(pk=case_id).exclude(state=CaseState.OPEN).update(**blank):
        raise AlreadyAnswered(_("This question is open; there is no answer to take back. Reload the page."))
    return MatchCase.objects.get(pk=case_id)
