"""Where a test belongs: at the school that its ticket was placed at, or else at the one of its AI code.

This is the one place that decides it. Checks, acceptances, ``scores.reattribution`` and ``scoreport verify`` ask here:
row by row in Python (:class:`Schools`), or all rows of a table at once in SQL (:func:`astray`).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from django.db import connection

from scoreport.lib.bulk import copy_rows
from scoreport.organizations.queries import resolver
from scoreport.organizations.queries.tree import located
from scoreport.organizations.rules import SchoolRef
from scoreport.scores.models import Placement

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_PLACES: Final = ("school_id", "district_id", "state_id")


class Schools:
    """Finds the school of one row after the other."""

    def __init__(self, by_code: Mapping[str, SchoolRef], placed: Mapping[tuple[str, str], SchoolRef]) -> None:
        self.by_code = by_code
        self.placed = placed

    def of(self, program: str, ticket: str, ai_code: str) -> SchoolRef | None:
        """Return where a test belongs; None when nobody knows."""
        return self.placed.get((program, ticket)) or self.by_code.get(ai_code)

    def zones(self) -> dict[int, str]:
        """Return the time zone of every school."""
        return {ref.school_id: ref.time_zone for ref in (*self.by_code.values(), *self.placed.values())}


def schools() -> Schools:
    """Return where tests belong now."""
    placed = {(program, ticket): school for program, ticket, school in _placements()}
    refs = located(set(placed.values()))
    return Schools(resolver(), {key: refs[school] for key, school in placed.items() if school in refs})


def _placements() -> Iterator[tuple[str, str, int]]:
    yield from Placement.objects.order_by("pk").values_list("program", "ticket", "school_id")


def astray(cursor: "CursorWrapper", table: str, key: str, *, limit: int | None = None) -> list[int]:
    """Return the ``key`` of the rows of a table of tests that stand elsewhere than they belong.

    The SQL twin of :meth:`Schools.of`. The caller holds the transaction.
    """
    known = schools()
    _list_by_code(cursor, known)
    _list_placed(cursor, known)
    placed = " LEFT JOIN scores_placed p ON p.ticket = t.ticket AND p.program = t.program" if known.placed else ""
    differs = " OR ".join(f"t.{place} IS DISTINCT FROM {_where(place, known)}" for place in _PLACES)
    cursor.execute(
        f"SELECT t.{key} FROM {table} t LEFT JOIN scores_codes k ON k.ai_code = t.ai_code{placed}"
        f" WHERE {differs} ORDER BY 1{f' LIMIT {int(limit)}' if limit else ''}"
    )
    found = [number for (number,) in cursor.fetchall()]
    cursor.execute("DROP TABLE scores_codes")
    cursor.execute("DROP TABLE scores_placed")
    return found


def _where(place: str, known: Schools) -> str:
    return f"CASE WHEN p.ticket IS NULL THEN k.{place} ELSE p.{place} END" if known.placed else f"k.{place}"


def _list_by_code(cursor: "CursorWrapper", known: Schools) -> None:
    cursor.execute("DROP TABLE IF EXISTS scores_codes")
    cursor.execute(f"CREATE TEMPORARY TABLE scores_codes (ai_code {_code()} PRIMARY KEY, {_places()})")
    rows = ((code, ref.school_id, ref.district_id, ref.state_id) for code, ref in known.by_code.items())
    copy_rows(connection, "scores_codes", ("ai_code", *_PLACES), rows)


def _list_placed(cursor: "CursorWrapper", known: Schools) -> None:
    cursor.execute("DROP TABLE IF EXISTS scores_placed")
    cursor.execute(
        f"CREATE TEMPORARY TABLE scores_placed (program {_code()}, ticket {_code()}, {_places()},"
        " PRIMARY KEY (ticket, program))"
    )
    rows = ((*key, ref.school_id, ref.district_id, ref.state_id) for key, ref in known.placed.items())
    copy_rows(connection, "scores_placed", ("program", "ticket", *_PLACES), rows)


def _code() -> str:
    return 'text COLLATE "C"' if connection.vendor == "postgresql" else "text"


def _places() -> str:
    return ", ".join(f"{place} bigint" for place in _PLACES)
