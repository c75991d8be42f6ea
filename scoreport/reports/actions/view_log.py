"""Records what people look at, before they see it: the event, and the rows that count for the day.

Many people look at the same moment, and each view is two writes and a commit. The views of one moment in one process
share a transaction (:mod:`scoreport.lib.group_commit`); nobody gets a page before theirs is committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scoreport.access import Actor
from scoreport.audit.chain import append, facts_of
from scoreport.audit.rules import Facts, NewEvent
from scoreport.downloads import row_limits
from scoreport.lib.group_commit import GroupCommit


@dataclass(frozen=True, slots=True)
class _View:
    facts: Facts
    page: row_limits.ViewedPage | None


def _write(views: Sequence[_View]) -> None:
    row_limits.count_views([view.page for view in views if view.page is not None])
    append([view.facts for view in views])


_VIEWS: Final = GroupCommit(_write)


def record_view(actor: Actor, *, event: NewEvent, rows: int | None = None, at: datetime) -> None:
    """Return when a view is recorded for good; ``rows`` are those of a roster's page, which are counted.

    In a transaction of the caller's own it is kept or rolled back with that.
    """
    page = None
    if rows is not None:
        page = row_limits.viewed_page(actor, organization=event.organization, rows=rows, at=at)
    _VIEWS.add(_View(facts_of(actor, event, at), page))
