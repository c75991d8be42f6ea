"""Showing program staff which essays are overdue."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from scoreport.access import Actor
from scoreport.audit.rules import Verb
from scoreport.scores import files
from scoreport.scores.files import OverdueEssay
from scoreport.scores.files.shown import count_rows_shown, record_by_school


def see_overdue_essays(
    actor: Actor, *, program: str, first: int = 0, limit: int = 50, at: datetime
) -> list[OverdueEssay]:  # fmt: skip
    """Return some of the tests whose essays are overdue, recorded at the schools that they belong to.

    Raises :class:`scoreport.access.NotAllowed`, :class:`scoreport.scores.files.shown.TooManyRows`.
    """
    essays, _total = files.overdue_essays(actor, at, program=program, first=first, limit=limit)
    schools = Counter(essay.school_id for essay in essays if essay.school_id is not None)
    with transaction.atomic():
        count_rows_shown(actor, {f"test:{program}:{essay.ticket}": 1 for essay in essays}, at)
        record_by_school(
            actor,
            verb=Verb.LATE_ESSAYS_SHOWN,
            at=at,
            schools={school: {"rows": tests} for school, tests in schools.items()},
            subject_kind="late-essay",
        )
    return essays
