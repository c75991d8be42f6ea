"""How the tests of a long roster are spread over the values that it is sorted by.

To show row 2,500,000 of five million, a database sorts all of them. It need not: with the number of tests of each
value, the page is known to lie among the tests of one value, or of few, and only those are sorted. Counting takes a
second for a whole state, so the numbers are kept until the data changes.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, cast

from django.core.cache import caches
from django.db.models import Count, F
from django.db.models.functions import Coalesce, Substr

from scoreport.reports.rules.codes import CodeRanks

if TYPE_CHECKING:
    from scoreport.scores.queries import VisibleScores

# Above this many tests a district, databases would rather read everything than look for two districts at once.
_LARGE_DISTRICT = 5_000
_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Spread:
    """Buckets in the order of a roster: each has a value, where wanted a district (0: none), and where it ends.

    ``apart`` says that districts are looked up one by one. The values are kept aside and the rest as plain numbers,
    since thousands of buckets are read for every page.
    """

    values: tuple[Any, ...]
    value_at: "array[int]"
    districts: "array[int] | None"
    ends: "array[int]"
    apart: bool

    def runs(self, offset: int, size: int) -> Iterator["Run"]:
        """Yield the runs of buckets that hold ``size`` rows from ``offset`` on, in their order.

        Of a spread over districts, the buckets of a run share their value, or a run is one bucket; else it is all.
        """
        first, last = bisect_right(self.ends, offset), bisect_right(self.ends, offset + size - 1)
        if self.districts is None:
            yield self._run(first, last)
            return
        alike = (lambda place: place) if self.apart else self.value_at.__getitem__
        for _key, places in groupby(range(first, last + 1), key=alike):
            found = list(places)
            yield self._run(found[0], found[-1])

    def _run(self, first: int, last: int) -> "Run":
        return Run(
            values=self.values[self.value_at[first] : self.value_at[last] + 1],
            districts=None if self.districts is None else tuple(self.districts[first : last + 1]),
            start=self.ends[first - 1] if first else 0,
            end=self.ends[last],
        )


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring buckets: their values in order, their districts, and the rows from start to end that they hold."""

    values: tuple[Any, ...]
    districts: tuple[int, ...] | None
    start: int
    end: int

    @property
    def low(self) -> Any:
        """The first of the values."""
        return self.values[0]

    @property
    def high(self) -> Any:
        """The last of the values."""
        return self.values[-1]


def spread_of(
    rows: "VisibleScores", lead: str, *, prefix: int, ranks: CodeRanks | None, by_district: bool, facts: Hashable
) -> Spread:
    """Count tests by the value that leads an order (or its first characters) and, where wanted, by district.

    Values stand in their own order, or by their ``ranks``. Equal ``facts`` promise equal tests, so that what was
    counted before can be used again.
    """
    cache = caches["orders"]
    key = "spread-" + hashlib.sha256(repr((lead, prefix, ranks, by_district, facts)).encode()).hexdigest()
    stored: list[Any] | None = cache.get(key)
    if stored is not None:
        values, value_at, districts, ends, apart = stored
        return Spread(tuple(values), value_at, districts, ends, apart)
    found = _counted(rows, lead, prefix=prefix, ranks=ranks, by_district=by_district)
    # A cache keeps plain data (scoreport.lib.cache_values).
    kept = [list(found.values), found.value_at, found.districts, found.ends, found.apart]
    cache.set(key, kept, _KEPT_SECONDS)
    return found


def _counted(rows: "VisibleScores", lead: str, *, prefix: int, ranks: CodeRanks | None, by_district: bool) -> Spread:
    bucket = Substr(lead, 1, prefix) if prefix else F(lead)
    counted = rows.order_by().annotate(bucket=bucket, home=Coalesce("district_id", 0))
    counted = counted.values_list("bucket", *(["home"] if by_district else [])).annotate(number=Count("id"))
    # Both databases compare these columns byte by byte, and so does Python.
    numbers = sorted(
        cast("Iterable[tuple[Any, ...]]", counted),
        key=(lambda row: (ranks.key(row[0]), *row[1:])) if ranks else None,
    )
    values = tuple(value for value, _rows in groupby(row[0] for row in numbers))
    place_of = {value: place for place, value in enumerate(values)}
    ends = array("q", accumulate(row[-1] for row in numbers))
    districts = array("q", (row[1] for row in numbers)) if by_district else None
    return Spread(
        values=values,
        value_at=array("q", (place_of[row[0]] for row in numbers)),
        districts=districts,
        ends=ends,
        apart=bool(districts) and ends[-1] > _LARGE_DISTRICT * len(set(districts or ())),
    )
