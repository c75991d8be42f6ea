"""How many rows one of the program staff is shown in a day, and the events of the schools whose rows were shown."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.approvals.actions import ApprovalNeeded, require_approved
from scoreport.approvals.rules import ApprovalKind
from scoreport.audit.actions import record_many
from scoreport.audit.rules import Detail, NewEvent, Verb
from scoreport.lib.locks import Lock, hold
from scoreport.organizations.queries import infos
from scoreport.scores.models import ShownRows
from scoreport.scores.rules import WINDOW


class TooManyRows(Refused):
    """The person has seen as many students' rows as one person may in a day; the message says what to do."""


def more_rows() -> dict[str, int]:
    """Return the parameters of an approval to see as many rows again."""
    return {"more_rows": settings.STAFF_ROWS_A_DAY}


def whole_list(file_id: int, kind: str, rows: int) -> dict[str, str | int]:
    """Return the parameters of an approval to download one whole list as it is now."""
    return {"file": file_id, "list": kind, "rows": rows}


def shown_lately(person_id: int, at: datetime) -> tuple[int, int]:
    """Return how many rows a person was shown within :data:`WINDOW`, and how many they may see in it."""
    counted = ShownRows.objects.filter(person_id=person_id, at__gt=at - WINDOW).aggregate(Sum("rows"), Sum("allowed"))
    return counted["rows__sum"] or 0, settings.STAFF_ROWS_A_DAY + (counted["allowed__sum"] or 0)


def count_rows_shown(actor: Actor, rows: Mapping[str, int], at: datetime) -> None:
    """Count rows, by what they are, before a person is shown them; what they have seen within a day counts once.

    Uses up a second person's approval where the limit is reached. The caller holds the transaction.
    Raises :class:`TooManyRows`.
    """
    person = actor.person_id
    if person is None:
        return
    hold(Lock.SHOWN_ROWS, person)
    mine = ShownRows.objects.filter(person_id=person)
    mine.filter(at__lte=at - WINDOW).delete()
    known = set(mine.filter(what__in=list(rows)).values_list("what", flat=True))
    fresh = {what: number for what, number in rows.items() if what not in known and number}
    seen, limit = shown_lately(person, at)
    if fresh and seen + sum(fresh.values()) > limit:
        _allow_more(actor, person, at)
    ShownRows.objects.bulk_create(
        ShownRows(person_id=person, at=at, what=what, rows=number) for what, number in fresh.items()
    )


def _allow_more(actor: Actor, person: int, at: datetime) -> None:
    try:
        require_approved(actor, kind=ApprovalKind.FILE_ROWS, parameters=more_rows(), at=at)
    except ApprovalNeeded:
        message = _(
            "You can see %(count)d students' rows in 24 hours, and this page would be more."
            " Ask a second person to approve more, or come back tomorrow."
        )
        raise TooManyRows(message % {"count": settings.STAFF_ROWS_A_DAY}) from None
    ShownRows.objects.create(person_id=person, at=at, allowed=settings.STAFF_ROWS_A_DAY)


def record_by_school(
    actor: Actor,
    *,
    verb: Verb,
    at: datetime,
    schools: Mapping[int, Mapping[str, Detail]],
    subject_kind: str,
    subject: str = "",
) -> None:
    """Record what was shown in the log of each school, with what is said of that school's part; call it last."""
    places = infos(schools)
    subject_id = subject if subject_kind == "student" else ""
    record_many(
        actor,
        at=at,
        events=[
            NewEvent(verb, places[number].code, subject_kind, subject, subject_id, schools[number])
            for number in sorted(schools)
            if number in places
        ],
    )
