"""What events say about queries, without naming a student; pure."""

import urllib.parse

from scoreport.reports.rules.log import LogQuery
from scoreport.reports.rules.roster import RosterQuery


def what_of_log(query: LogQuery) -> dict[str, str | bool]:
    """Return what an event says of what was asked of a log; nothing of it names a student."""
    told = {
        "kind": query.kind or "", "by_person": bool(query.person), "student": query.student or "",
        "first": query.first or "", "last": query.last or "", "under": query.under,
    }  # fmt: skip
    return {name: value if isinstance(value, bool) else str(value) for name, value in told.items() if value}


def what_of_roster(query: RosterQuery) -> dict[str, str | bool]:
    """Return what an event says of a query: everything but the name that was searched for."""
    params = query.to_params()
    searched = bool(params.pop("q", None))
    return {"program": query.program, "query": urllib.parse.urlencode(params, doseq=True), "searched": searched}
