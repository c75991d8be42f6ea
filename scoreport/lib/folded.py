"""Columns of codes that are found however a code is typed: what is stored stays, an index holds what it folds to.

The folding is spelled out in SQL with the same words on both databases, because an index on an expression serves only
a query with that very expression. It is fixed for good: changing it needs a migration that builds the indexes anew.
"""

from typing import Final

from django.db.models import Func, TextField

from scoreport.lib.codes import normalized

CODE_MARKS: Final = "-._/ \u2010\u2011\u2013\u2014"
"""What groups a stored code: marks, the space, and the dashes that programs write in place of a hyphen."""
TICKET_MARKS: Final = "-._/"
"""The marks that a stored ticket may have; fewer, because a file of a million rows has a million tickets."""
_CAPITALS: Final = {ord(small): small.upper() for small in "abcdefghijklmnopqrstuvwxyz"}


def folded_sql(column: str, marks: str = CODE_MARKS) -> str:
    """Return the SQL of a column in capitals and without marks."""
    for mark in marks:
        column = f"REPLACE({column}, '{mark}', '')"
    return f"UPPER({column})"


class Folded(Func):
    """A column of codes as :func:`folded_sql` folds it, for indexes and queries."""

    arity = 1
    output_field = TextField()
    template = folded_sql("%(expressions)s")


class FoldedTicket(Folded):
    """A column of tickets, folded."""

    template = folded_sql("%(expressions)s", TICKET_MARKS)


def spellings(typed: str) -> list[str]:
    """Return what a typed code may be folded to: as people mean it, and as the database folds the very same text."""
    exact = typed.translate(_CAPITALS | dict.fromkeys(map(ord, CODE_MARKS)))
    return sorted({normalized(typed), exact} - {""}) or [""]
