"""The figures of a school's year, counted once and kept until one of its tests changes or another score is released.

A school has no totals; its tests are counted. That takes longer than all the rest of its report, and gives the same
until something changes. What changes a test writes the totals of its district and state anew, under ids that nothing
had before, so the newest id, with the files, withdrawals and placements that there are, says whether something did.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

from django.core.cache import caches
from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    DateTimeField,
    Max,
    Min,
    Q,
    QuerySet,
    SmallIntegerField,
    TextField,
)

from scoreport import access
from scoreport.access import Actor, Permission, Place
from scoreport.lib.statements import Given, as_moment, by_id, fetched, rows_of
from scoreport.scores.queries.figures import ExamFigures, Figures, counted_by, in_bins
from scoreport.scores.queries.totals import COUNTED
from scoreport.scores.results import Results, results_of
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
    """The figures of one school and year: of all exams together, and of each; and how many of its tests are overdue."""

    together: Figures
    exams: Mapping[str, ExamFigures]
    overdue: int


def revision(program: str) -> Revision:
    """Return the present revision of all tests, by one query; unscoped, it tells nothing of a test."""
    ((*times, total, a, u, na, nu, w, r, nw, nr, n, last),) = fetched(_REVISION.format(by_id=by_id()), [program] * 4)
    known = [as_moment(value) for value in times if value is not None]
    key = (total, na, nu, nw, nr, n, last, *(str(value) for value in (a, u, w, r)))
    return Revision(max(known, default=None), key)


def school_year(
    actor: Actor,
    place: Place,
    at: datetime,
    *,
    program: str,
    year: int,
    today: date,
    revised: Revision,
    with_exams: bool,
) -> SchoolYear:
    """Return the figures of a year as of ``at``, of a school and of nothing else.

    ``today`` is the day where the school is, ``revised`` was read before, in the same request; without ``with_exams``
    there are none.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, place)
    results = results_of(program)
    # A test is overdue from one day on; of the time of day it says nothing.
    overdue_before = results.program.release.overdue_before(today)
    # A report compares with what was known a year ago, so there are two instants a year apart.
    facts = (program, place.id, year, at.year, overdue_before, with_exams, revised.key)
    key = "school-" + hashlib.sha256(repr(facts).encode()).hexdigest()
    kept: Mapping[str, Any] | None = caches["figures"].get(key)
    if kept is not None and kept["from"] <= at.timestamp() < kept["until"]:
        return _told(kept)
    values = {"place": place.id, "program": program, "year": year, "at": at, "overdue_before": overdue_before}
    counted, found = _count(results, values, with_exams=with_exams)
    # Nobody writes totals of tests that stand alone, so nothing would tell that they have changed.
    if not counted["alone"]:
        caches["figures"].set(key, found, _KEPT_SECONDS)
    return _told(found)


def _count(
    results: Results, values: Mapping[str, object], *, with_exams: bool
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what the database counts, and what is kept of it."""
    program = results.program.slug
    exams = rows_of(("exams of a school", program), partial(_exams, results), values) if with_exams else []
    (counted,) = rows_of(("year of a school", program), partial(_year, results), values) or [_NOTHING]
    bins = BINS[: len(results.program.main.bins)]
    found = {
        "from": (counted["first"] or _FIRST).timestamp(),
        "until": (counted["last"] or _LAST).timestamp(),
        "together": [counted[name] for name in _NAMES],
        "overdue": counted["overdue"],
        "exams": [[row["exam_code"], *(row[name] for name in (*_NAMES, *bins))] for row in exams],
    }
    return counted, found


def _tests(results: Results) -> QuerySet[Any]:
    rows: QuerySet[Any] = results.model.objects.filter(school_id=Given("place", BigIntegerField()), is_current=True)
    return rows.filter(program=Given("program", TextField()), year=Given("year", SmallIntegerField()))


def _exams(results: Results) -> QuerySet[Any, Any]:
    main = results.program.main
    return counted_by(_tests(results), main, _AT, "exam_code", **in_bins(main, _AT))


def _year(results: Results) -> QuerySet[Any, Any]:
    return counted_by(
        _tests(results),
        results.program.main,
        _AT,
        "year",
        first=Max("released_at", filter=Q(released_at__lte=_AT)),
        last=Min("released_at", filter=Q(released_at__gt=_AT)),
        overdue=Count(
            "id",
            filter=Q(canceled_on__isnull=True, exam_code__in=results.program.codes_with_readers)
            & Q(tested_on__lt=Given("overdue_before", DateField()))
            & (Q(released_at__isnull=True) | Q(released_at__gt=_AT)),
        ),
        alone=Count("id", filter=Q(district_id__isnull=True, state_id__isnull=True)),
    )


def _told(kept: Mapping[str, Any]) -> SchoolYear:
    number = len(_NAMES)
    exams = {
        code: ExamFigures(**dict(zip(_NAMES, counted, strict=False)), bands=tuple(counted[number:]))
        for code, *counted in kept["exams"]
    }
    return SchoolYear(Figures(*kept["together"]), exams, kept["overdue"])


_AT: Final = Given("at", DateTimeField())
_NAMES: Final = (*COUNTED, "waiting", "canceled")
_NOTHING: Final = dict.fromkeys(_NAMES, 0) | {"first": None, "last": None, "alone": 0, "overdue": 0}
