"""Workbooks (XLSX) as CSV: one sheet, the values as they were saved, with the rows of the sheet as lines.

A formula is never run. What could take all memory is refused before anything of it is read: sizes are in the ZIP's
own directory, and the cells' addresses say how large the table is.
"""

import csv
import io
import lzma
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Final

import python_calamine as calamine
from django.conf import settings
from django.utils.translation import gettext as _
from lxml import etree

from scoreport.imports.problems import UnreadableFile

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_MOST_BYTES: Final = 400_000_000
"""Bytes that a workbook may unpack to: about 300,000 rows of scores."""
_MOST_CELLS: Final = 12_000_000
"""Cells from the first to the last one in use."""
_MOST_PARTS: Final = 2_000
_SMALL_PART: Final = 5_000_000
_PIECE: Final = 1 << 20
_EXACT: Final = 10**15
"""Whole numbers from here on lose digits in a spreadsheet."""
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>")
_ADDRESS: Final = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ERROR: Final = re.compile(rb"""\bt=["']e["']""")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})</")
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LETTERS: Final = 26


def is_workbook(stream: IO[bytes]) -> bool:
    """Tell whether a file is a workbook; raises :class:`UnreadableFile` for those that cannot be read."""
    head = stream.read(1 << 16)
    stream.seek(0)
    if head.startswith(_OLE):
        if _ENCRYPTED in head or _ENCRYPTED in _tail(stream):
            raise UnreadableFile(_protected())
        raise UnreadableFile(
            _("This is a workbook of an older Excel (XLS). Save it as XLSX, or save the table as CSV UTF-8.")
        )
    return head.startswith(_ZIP)


def _protected() -> str:
    return _("This workbook is protected by a password. Save it without one, or the table as CSV UTF-8.")


def _tail(stream: IO[bytes]) -> bytes:
    stream.seek(0, io.SEEK_END)
    stream.seek(max(0, stream.tell() - (1 << 20)))
    tail = stream.read()
    stream.seek(0)
    return tail


def as_csv(stream: IO[bytes], *, sheet: str = "") -> tuple[IO[bytes], str]:
    """Return the table of a sheet, the first one unless it is named, as CSV in UTF-8, and a notice about the others.

    Raises :class:`UnreadableFile`.
    """
    try:
        parts = _sheet_parts(stream)
        name = _chosen(list(parts), sheet)
        extent = _extent_of(stream, parts[name])
        stream.seek(0)
        book = calamine.CalamineWorkbook.from_filelike(stream)
        table = _written(book.get_sheet_by_name(name), extent.errors)
    except calamine.PasswordError as error:
        raise UnreadableFile(_protected()) from error
    except (calamine.CalamineError, etree.XMLSyntaxError, *_ZIP_ERRORS) as error:
        raise UnreadableFile(_no_workbook()) from error
    except BaseException as error:  # the library's own code in Rust ends so where it meets what it does not expect
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(_no_workbook()) from error
    others = [other for other in parts if other != name]
    if not others:
        return table, ""
    message = _("The sheet “%(sheet)s” was read. Other sheets were not: %(others)s.")
    return table, message % {"sheet": name, "others": ", ".join(others)}


# What zipfile raises for damaged, encrypted or unknown archives, by its documentation and by fuzzing.
_ZIP_ERRORS: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, RuntimeError, EOFError, OSError, ValueError, KeyError),
)
"""What the ZIP module raises for archives that are damaged, protected or of another method."""


def _no_workbook() -> str:
    return _("This is not a workbook that can be read (XLSX). Open it and save the table as XLSX or CSV UTF-8.")


def _sheet_parts(stream: IO[bytes]) -> dict[str, str]:
    """Return the part of the ZIP that holds each sheet, by the sheet's name, in their order."""
    with zipfile.ZipFile(stream) as archive:
        _refuse_bombs(archive)
        book = _xml(archive, "xl/workbook.xml")
        relations = {
            relation.get("Id"): relation.get("Target", "")
            for relation in _xml(archive, "xl/_rels/workbook.xml.rels")
            if relation.get("Type", "").endswith("/worksheet")
        }
        names = set(archive.namelist())
    sheets = {}
    for one in book.iter("{*}sheet"):
        target = relations.get(one.get(_RELATION))
        if target is not None:
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                sheets[one.get("name", "")] = part
    if not sheets:
        raise UnreadableFile(_no_workbook())
    return sheets


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
        raise UnreadableFile(_too_large())


def _too_large() -> str:
    return _("This workbook is too large to be read. Save the table as CSV UTF-8.")


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """Return a small part of a workbook as a tree; nothing outside of it is looked up, no entity is expanded."""
    if archive.getinfo(name).file_size > _SMALL_PART:
        raise UnreadableFile(_too_large())
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(archive.read(name), parser)


def _chosen(names: list[str], sheet: str) -> str:
    if not sheet:
        return names[0]
    for name in names:
        if name.casefold() == sheet.strip().casefold():
            return name
    message = _("There is no sheet “%(sheet)s” in this workbook. Its sheets are: %(names)s.")
    raise UnreadableFile(message % {"sheet": sheet, "names": ", ".join(names)})


@dataclass(slots=True)
class _Extent:
    """The cells of a sheet that are in use, and the errors of formulas by row and column."""

    first_column: int = 1 << 20
    last_column: int = -1
    last_row: int = -1
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def _extent_of(stream: IO[bytes], part: str) -> _Extent:
    """Look through a sheet for what is in use. Raises :class:`UnreadableFile` when it is too large a table."""
    stream.seek(0)
    extent = _Extent()
    with zipfile.ZipFile(stream) as archive, archive.open(part) as sheet:
        rest = b""
        size = 0
        while data := sheet.read(_PIECE):
            size += len(data)
            if size > _MOST_BYTES:
                raise UnreadableFile(_too_large())
            data = rest + data
            end = max(data.rfind(b"</row>"), 0) or max(data.rfind(b"<"), 0)
            _look(data[:end], extent)
            rest = data[end:][-_PIECE:]
        _look(rest, extent)
    columns = extent.last_column - min(extent.first_column, extent.last_column) + 1
    if columns * (extent.last_row + 1) > _MOST_CELLS:
        raise UnreadableFile(_too_large())
    return extent


def _look(data: bytes, extent: _Extent) -> None:
    for found in _CELL.finditer(data):
        address = _ADDRESS.search(found[1])
        if address is None:
            continue
        row, column = int(address[2]) - 1, _column(address[1])
        extent.last_row = max(extent.last_row, row)
        extent.first_column = min(extent.first_column, column)
        extent.last_column = max(extent.last_column, column)
        if _ERROR.search(found[1]) and (value := _VALUE.search(data, found.end(), found.end() + 10_000)):
            extent.errors[row, column] = value[1].decode(errors="replace")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1


def _written(sheet: calamine.CalamineSheet, errors: dict[tuple[int, int], str]) -> IO[bytes]:
    """Write rows as CSV: each row of the sheet is one line, so that a line is found in the workbook by its number."""
    file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - the caller closes what it gets
    try:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
        csv.writer(text, lineterminator="\n").writerows(_lines(sheet, errors))
        text.flush()
        text.detach()
        file.seek(0)
    except BaseException:  # whatever it is, it goes on
        file.close()
        raise
    return file


def _lines(sheet: calamine.CalamineSheet, errors: dict[tuple[int, int], str]) -> Iterator[list[str]]:
    first_column = sheet.start[1] if sheet.start else 0
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), value in errors.items():
        by_row.setdefault(row, {})[column - first_column] = value
    spelled = _SPELLED
    for number, values in enumerate(sheet.iter_rows()):
        cells = [spelled[type(value)](value) for value in values]
        for place, value in by_row.get(number, {}).items():
            if 0 <= place < len(cells):
                cells[place] = value
        yield cells or [""]


def _text(cell: str) -> str:
    return cell if cell.isprintable() else " ".join(cell.replace("\0", " ").splitlines())


def _number(cell: float) -> str:
    """Return a number as people read it in the sheet; one with too many digits is written as a shortened one."""
    if not abs(cell) < _EXACT:
        return f"{cell:.2E}"
    return str(int(cell)) if cell == int(cell) else repr(cell)


def _moment(cell: datetime) -> str:
    return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")


_SPELLED: Final[dict[type, Callable[[Any], str]]] = {
    str: _text,
    float: _number,
    int: _number,
    bool: lambda cell: "TRUE" if cell else "FALSE",
    date: date.isoformat,
    datetime: _moment,
    time: time.isoformat,
    timedelta: str,
}
