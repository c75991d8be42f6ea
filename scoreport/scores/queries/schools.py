"""The figures of a school's year, counted once and kept until one of its tests changes or another score is released.

A school has no totals; its tests are counted. That takes longer than all the rest of its report, and gives the same
until something changes. What changes a test writes the totals of its district and state anew, under ids that nothing
had before, so the newest id, with the files, withdrawals and placements that there are, says whether something did.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.core.cache import caches
from django.db.models import BigIntegerField, Count, DateTimeField, Max, Min, Q, QuerySet, SmallIntegerField, TextField

from scoreport import access
from scoreport.access import Actor, Permission, Place
from scoreport.lib.statements import Given, as_moment, by_id, fetched, rows_of
from scoreport.programs.rules import Measure
from scoreport.scores.queries.figures import ExamFigures, Figures, counted_by, in_bins, measure_of
from scoreport.scores.queries.totals import COUNTED
from scoreport.scores.results import results_of
from scoreport.scores.rules import BINS

_KEPT_SECONDS: Final = 3600
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_REVISION: Final = (
    "SELECT f.accepted, f.undone, w.withdrawn, w.restored,"
    " (SELECT id FROM scores_total {by_id} ORDER BY id DESC LIMIT 1),"
    " f.a, f.u, f.na, f.nu, w.w, w.r, w.nw, w.nr, p.n, p.last FROM"
    " (SELECT MAX(accepted_at) FILTER (WHERE program = %s) AS accepted,"
    " MAX(undone_at) FILTER (WHERE program = %s) AS undone, MAX(accepted_at) AS a, MAX(undone_at) AS u,"
    " COUNT(accepted_at) AS na, COUNT(undone_at) AS nu FROM imports_importfile) AS f,"
    " (SELECT MAX(withdrawn_at) FILTER (WHERE program = %s) AS withdrawn,"
    " MAX(restored_at) FILTER (WHERE program = %s) AS restored, MAX(withdrawn_at) AS w, MAX(restored_at) AS r,"
    " COUNT(withdrawn_at) AS nw, COUNT(restored_at) AS nr FROM scores_scorewithdrawal) AS w,"
    " (SELECT COUNT(*) AS n, MAX(id) AS last FROM scores_placement) AS p"
)


@dataclass(frozen=True, slots=True)
class Revision:
    """When the data of a program changed last, and what is never the same again once a test has changed."""

    as_of: datetime | None
    key: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """The figures of one school and year: of all exams together, and of each."""

    together: Figures
    exams: Mapping[str, ExamFigures]


def revision(program: str) -> Revision:
    """Return the present revision of all tests, by one query; unscoped, it tells nothing of a test."""
    ((*times, total, a, u, na, nu, w, r, nw, nr, n, last),) = fetched(_REVISION.format(by_id=by_id()), [program] * 4)
    known = [as_moment(value) for value in times if value is not None]
    key = (total, na, nu, nw, nr, n, last, *(str(value) for value in (a, u, w, r)))
    return Revision(max(known, default=None), key)


def school_year(
    actor: Actor, place: Place, at: datetime, *, program: str, year: int, revised: Revision, with_exams: bool
) -> SchoolYear:
    """Return the figures of a year as of ``at``, of a school and of nothing else.

    ``revised`` was read before, in the same request; without ``with_exams`` there are none.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    # A report compares with what was known a year ago, so there are two instants a year apart.
    facts = (program, place.id, year, at.year, with_exams, revised.key)
    key = "school-" + hashlib.sha256(repr(facts).encode()).hexdigest()
    kept: Mapping[str, Any] | None = caches["figures"].get(key)
    if kept is not None and kept["from"] <= at.timestamp() < kept["until"]:
        return _told(kept)
    values = {"place": place.id, "program": program, "year": year, "at": at}
    measure = measure_of(program, "")
    exams = rows_of(("exams of a school", program), lambda: _exams(program, measure), values) if with_exams else []
    (counted,) = rows_of(("year of a school", program), lambda: _year(program, measure), values) or [_NOTHING]
    bins = BINS[: len(measure.bins)]
    found = {
        "from": (counted["first"] or _FIRST).timestamp(),
        "until": (counted["last"] or _LAST).timestamp(),
        "together": [counted[name] for name in _NAMES],
        "exams": [[row["exam_code"], *(row[name] for name in (*_NAMES, *bins))] for row in exams],
    }
    # Nobody writes totals of tests that stand alone, so nothing would tell that they have changed.
    if not counted["alone"]:
        caches["figures"].set(key, found, _KEPT_SECONDS)
    return _told(found)


def _tests(program: str) -> QuerySet[Any]:
    here = Given("place", BigIntegerField())
    rows: QuerySet[Any] = results_of(program).model.objects.filter(school_id=here, is_current=True)
    return rows.filter(program=Given("program", TextField()), year=Given("year", SmallIntegerField()))


def _exams(program: str, measure: Measure) -> QuerySet[Any, Any]:
    return counted_by(_tests(program), measure, _AT, "exam_code", **in_bins(measure, _AT))


def _year(program: str, measure: Measure) -> QuerySet[Any, Any]:
    return counted_by(
        _tests(program),
        measure,
        _AT,
        "year",
        first=Max("released_at", filter=Q(released_at__lte=_AT)),
        last=Min("released_at", filter=Q(released_at__gt=_AT)),
        alone=Count("id", filter=Q(district_id__isnull=True, state_id__isnull=True)),
    )


def _told(kept: Mapping[str, Any]) -> SchoolYear:
    number = len(_NAMES)
    exams = {
        code: ExamFigures(**dict(zip(_NAMES, counted, strict=False)), bands=tuple(counted[number:]))
        for code, *counted in kept["exams"]
    }
    return SchoolYear(Figures(*kept["together"]), exams)


_AT: Final = Given("at", DateTimeField())
_NAMES: Final = (*COUNTED, "waiting", "canceled")
_NOTHING: Final = dict.fromkeys(_NAMES, 0) | {"first": None, "last": None, "alone": 0}
