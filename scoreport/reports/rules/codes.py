"""The order in which people read the codes of roster columns; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scoreport.lib.text import sort_key
from scoreport.reports.rules.columns import RosterColumn


@dataclass(frozen=True, slots=True)
class CodeRanks:
    """The rank of each code of a table in an ascending order; :meth:`key` ranks codes that are in no table too."""

    ranks: Mapping[str, int]

    def key(self, value: object) -> tuple[int, object]:
        """Return what a stored code sorts by. Several codes of another time stand by themselves."""
        number = value if isinstance(value, int) else 0
        return self.ranks.get(str(value), OTHER_RANK + number), value


OTHER_RANK: Final = 1_000
"""The rank of a code of another time that is in no table; a number is added to it."""
_SILENT_RANK: Final = 100_000


def code_ranks(column: RosterColumn, *, descending: bool) -> CodeRanks | None:
    """Return the order of a column's codes; None for a column without codes, and for levels, which are in order.

    Gender and ethnicity stand by their labels in the language that is active, grades as in school. Codes that say
    nothing come last in both directions. An order is built ascending and turned round when it is ``descending``, so
    that they get the lowest ranks then.
    """
    table = column.codes
    if table is None or column.measure is not None:
        return None
    answered = [code for code in table if table.is_answered(code)]
    if table.sorted_by_label:
        answered.sort(key=lambda code: sort_key(str(table.label(code))))
    silent = [code for code in table if not table.is_answered(code)]
    ranks = {code: rank for rank, code in enumerate(answered)}
    return CodeRanks(
        ranks | {code: -rank if descending else _SILENT_RANK + rank for rank, code in enumerate(silent, start=1)}
    )


def sorts_by_label(column: RosterColumn) -> bool:
    """Tell whether the order of a column depends on the language of the reader."""
    return column.codes is not None and column.codes.sorted_by_label
