"""What the database writes into the cells of an exported roster.

Rosters of millions of rows never pass through Python, so words for codes and the guard against formulas are SQL.
"""

from typing import Final

from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, NullIf, Substr
from django.db.models.lookups import In

from scoreport.lib.tabular import Kind
from scoreport.reports.queries.roster import code_table
from scoreport.reports.rules import COLUMNS

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
_NUMBERED: Final = frozenset({"ethnicity", "grade"})


def cell(key: str) -> str | Combinable:
    """Return what stands in a column: dates and scores as they are, words for codes, guarded text.

    A score that may not be seen, and empty text, are NULL. The words are in the language that is active.
    """
    column = COLUMNS[key]
    if column.kind is not Kind.TEXT:
        return column.field
    return guarded(column.field) if code_table(key) is None else _words(key, column.field)


def guarded(field: str) -> Case:
    """Return a text, with an apostrophe in front where a spreadsheet could take it for a formula.

    Only rows whose flag says that some cell is hostile are looked at closer, and then each cell as
    :func:`scoreport.lib.tabular.guard` does.
    """
    plain = NullIf(F(field), Value(""))
    visible = Func(F(field), Value(INVISIBLE), function="LTRIM", output_field=TextField())
    return Case(
        When(is_hostile=False, then=plain),
        When(In(Substr(F(field), 1, 1), _CONTROL_STARTS), then=Concat(Value("'"), F(field))),
        When(In(Substr(visible, 1, 1), FORMULA_STARTS), then=Concat(Value("'"), F(field))),
        default=plain,
        output_field=TextField(),
    )


def _words(key: str, field: str) -> Case:
    words = labels(key)
    return Case(
        *(When(**{field: int(code) if key in _NUMBERED else code}, then=Value(label)) for code, label in words),
        default=None,
        output_field=TextField(),
    )


def labels(key: str) -> tuple[tuple[str, str], ...]:
    """Return the codes of a column and their words."""
    table = code_table(key)
    return tuple((code, str(table.label(code))) for code in table) if table else ()
