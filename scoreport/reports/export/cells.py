"""What the database writes into the cells of an exported roster.

Rosters of millions of rows never pass through Python, so words for codes and the guard against formulas are SQL.
"""

from datetime import date, datetime
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, NullIf, Substr
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext as _

from scoreport.lib.tabular import Kind
from scoreport.programs.rules import Program
from scoreport.reports.rules import RosterColumn

# Both lists belong to lib.tabular.is_hostile, which asks Unicode for each character; a test proves that they agree.
_INVISIBLE: Final = (
    (0x1, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
    (0x890, 0x891), (0x8E2, 0x8E2), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F),
    (0x205F, 0x2064), (0x2066, 0x206F), (0x3000, 0x3000), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0x110BD, 0x110BD),
    (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
)  # fmt: skip
INVISIBLE: Final = "".join(chr(code) for first, last in _INVISIBLE for code in range(first, last + 1))
FORMULA_STARTS: Final = tuple(
    "%+-=@|"
    "\u207a\u207c\u208a\u208c"  # raised and lowered signs
    "\ufb29\ufe62\ufe63\ufe66\ufe6a\ufe6b"  # the Hebrew plus, small forms
    "\uff05\uff0b\uff0d\uff1d\uff20\uff5c"  # full-width forms
)
_CONTROL_STARTS: Final = ("\t", "\r", "\n")


class _TextOrNull(NullIf):
    """Text, or NULL where it is empty, since COPY writes empty text as two quotes; SQLite's writer does not."""

    def as_sqlite(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002 - Django gives it
        **_context: Any,
    ) -> tuple[str, Any]:
        return compiler.compile(self.source_expressions[0])


def cell(column: RosterColumn) -> str | Combinable:
    """Return what stands in a column: dates and scores as they are, words for codes, guarded text.

    A score that may not be seen, and empty text, are NULL. The words are in the language that is active. Only free text
    is guarded: codes, tickets and the catalogue's titles have forms that no spreadsheet runs.
    """
    if column.kind is not Kind.TEXT:
        return column.field
    if words := labels(column):
        return _words(column.field, words, is_number=column.is_numbered)
    return guarded(column.field) if column.is_free_text else _plain(column.field)


def status_cell(known: Program, at: datetime, today: date) -> Case:
    """Return in words, in the active language, why a test has no score to see at ``at``; NULL where there is one.

    The SQL twin of :func:`scoreport.reports.queries.roster.waiting_of`; a test proves that the two agree. Most tests
    have a score, so that is asked first.
    """
    is_overdue = Q(exam_code__in=known.codes_with_readers, tested_on__lt=known.release.overdue_before(today))
    return Case(
        When(released_at__lte=at, then=Value(None)),
        When(canceled_on__isnull=False, then=Value(_("Canceled"))),
        When(is_overdue, then=Value(_("Score overdue"))),
        default=Value(_("Score pending")),
        output_field=TextField(),
    )


def guarded(field: str) -> Case:
    """Return a text, with an apostrophe in front where a spreadsheet could take it for a formula.

    Only rows whose flag says that some cell is hostile are looked at closer, and then each cell as
    :func:`scoreport.lib.tabular.guard` does.
    """
    visible = Func(F(field), Value(INVISIBLE), function="LTRIM", output_field=TextField())
    with_apostrophe = Concat(Value("'"), F(field))
    looked_at = Case(
        When(In(Substr(F(field), 1, 1), _CONTROL_STARTS), then=with_apostrophe),
        When(In(Substr(visible, 1, 1), FORMULA_STARTS), then=with_apostrophe),
        default=_plain(field),
        output_field=TextField(),
    )
    return Case(When(is_hostile=True, then=looked_at), default=_plain(field), output_field=TextField())


def _plain(field: str) -> _TextOrNull:
    return _TextOrNull(F(field), Value(""), output_field=TextField())


def _words(field: str, words: tuple[tuple[str, str], ...], *, is_number: bool) -> Func:
    """Return the words of a code. They are written into the statement: as parameters they cost a second a million."""
    cases = " ".join(f"WHEN {code if is_number else _quoted(code)} THEN {_quoted(label)}" for code, label in words)
    return Func(F(field), template=f"CASE %(expressions)s {cases} END", output_field=TextField())


def _quoted(text: str) -> str:
    """Write a word of our own catalogues as a text of SQL, in a template that is filled in twice."""
    return "'" + text.replace("'", "''").replace("%", "%%%%") + "'"


def labels(column: RosterColumn) -> tuple[tuple[str, str], ...]:
    """Return the codes of a column and their words."""
    table = column.codes
    return tuple((code, str(table.label(code))) for code in table) if table else ()
