"""Where the header of a table is, and which separator it has: found in its first lines by the names of columns."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from scoreport.imports.layout import Layout
from scoreport.imports.problems import Cause, FileCause, Repair, RepairKind

_LINES: Final = 12
"""Lines in which the header is looked for."""
_SEPARATORS: Final = (",", ";", "\t", "|")
_SEP: Final = "sep="


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the first lines of a file read: its separator, the lines above the header, and what they say."""

    delimiter: str
    skipped: int = 0
    title: str = ""
    is_declared: bool = False
    """Whether the file itself names its separator, in a first line ``sep=;``."""
    preview: tuple[tuple[str, str], ...] = ()

    def cause(self, layout: Layout) -> FileCause:
        """Return what is wrong with the file, with the repair."""
        message = _("The cells of this file are separated by %(found)s, not by %(expected)s. Read it with %(found)s?")
        sentence = message % {"found": label_of(self.delimiter), "expected": label_of(layout.delimiter)}
        before = tuple(line for line, _cells in self.preview)
        repair = Repair(RepairKind.SEPARATOR, "", 0, self.preview)
        return FileCause(Cause.SEPARATOR, (), 0, (self.skipped + 1,), before, sentence, (repair,))


def label_of(separator: str) -> str:
    """Return what a separator is called."""
    return {
        ",": _("commas"),
        ";": _("semicolons"),
        "\t": _("tabs"),
        "|": _("vertical bars"),
    }.get(separator, separator)


def dialect_of(layout: Layout, head: str) -> Dialect:
    """Return how a file reads whose beginning this is: where most names of columns are, of the first such lines."""
    lines = [line.rstrip("\r") for line in head.split("\n", _LINES)[:_LINES]]
    start, declared = 0, ""
    if lines and lines[0].strip().strip('"').casefold().startswith(_SEP):
        declared = lines[0].strip().strip('"')[len(_SEP) :][:1]
        start = 1
    separators = [declared] if declared in _SEPARATORS else [layout.delimiter, *_SEPARATORS]
    best, found = 0, (start, separators[0])
    for number, delimiter in _candidates(start, len(lines), separators):
        known = layout.known(_cells(lines[number], delimiter))
        if known > best:
            best, found = known, (number, delimiter)
    number, delimiter = found
    above = (line.strip(f"{delimiter} ") for line in lines[start:number])
    title = next(filter(None, above), "")
    preview = tuple((line[:60], " · ".join(_cells(line, delimiter))[:60]) for line in lines[number : number + 1])
    return Dialect(delimiter, number, title[:60], bool(declared), preview)


def _candidates(start: int, end: int, separators: list[str]) -> Iterator[tuple[int, str]]:
    for number in range(start, end):
        for delimiter in separators:
            yield number, delimiter


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
