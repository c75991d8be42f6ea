"""What a naive program would do instead of the guards: the negative controls of races, for this process."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from scoreport.organizations import holding
from scoreport.organizations.actions import acceptances, redeeming
from scoreport.organizations.models import AccessCode, Invitation


def redeem_unguarded() -> None:
    """Take an access code without the guard: read whether it is open, then write, with no row behind it."""

    def take(row: Any, person: Any, at: dt.datetime) -> None:
        fresh = AccessCode.objects.get(pk=row.pk)
        if fresh.used_at is not None:
            raise redeeming.CodeSpent
        AccessCode.objects.filter(pk=row.pk).update(used_at=at, used_by=person.as_text)

    redeeming._take = take
    redeeming._lock_line = lambda place: None
    redeeming._needs_confirmation = lambda *_args: False


def accept_unguarded() -> None:
    """Accept an invitation without lock and condition: look first and write then."""

    def update_if_it_looked_open(rows: "QuerySet[Invitation]", **values: object) -> int:
        if rows.model is not Invitation or "accepted_at" not in values:
            return unguarded(rows, **values)
        seen = list(rows.values_list("pk", flat=True))
        return unguarded(Invitation.objects.filter(pk__in=seen), **values)

    unguarded = QuerySet.update
    QuerySet.update = update_if_it_looked_open  # type: ignore[method-assign,assignment]  # the attack
    setattr(acceptances, "lock", lambda _place: None)  # noqa: B010 - the attack


def hold_unguarded() -> None:
    """Let two managers of an organization leave at the same time."""
    setattr(holding, "lock", lambda _place: None)  # noqa: B010 - the attack
