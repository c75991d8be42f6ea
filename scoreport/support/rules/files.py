"""Which files may come with a request, what they have to begin with, and how they are named; pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from scoreport.lib.text import clean

MOST_FILES: Final = 3
"""Files that may come with one message."""
MOST_FILES_A_DAY: Final = 30
"""Files that one person may send in 24 hours, so that nobody fills the disk."""
XLSX_UNPACKED: Final = 60_000_000
"""Bytes that a workbook may unpack to: six times the largest file; a zip bomb unpacks to thousands of times its."""
XLSX_ENTRIES: Final = 1_000
LONGEST_NAME: Final = 80


class FileKind(StrEnum):
    """A file by its extension; nothing that a browser runs (SVG, HTML) is among them."""

    CSV = "csv"
    JPEG = "jpg"
    PDF = "pdf"
    PNG = "png"
    TXT = "txt"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """What the file is sent as."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.JPEG: "image/jpeg",
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.TXT: "text/plain; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STARTS: Final = {
    FileKind.JPEG: b"\xff\xd8\xff",
    FileKind.PDF: b"%PDF-",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n",
    FileKind.XLSX: b"PK\x03\x04",
}
_OTHER_STARTS: Final = (*_STARTS.values(), b"<", b"{\\rtf", b"MZ", b"\x7fELF", b"\x1f\x8b")
"""What a text never begins with: then it is a page, a drawing, a document or a program under another name."""
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_UNFIT: Final = re.compile(r"[^\w()\[\]+,;@&'’ -]+")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file of a request as pages see it; one that was removed has no name any more."""

    id: int
    name: str
    size: int
    added_at: datetime
    removed_at: datetime | None


def kind_of(name: str) -> FileKind | None:
    """Return what a file calls itself by its last extension; None for what is not taken."""
    extension = clean(name).lower().rpartition(".")[2]
    extension = {"jpeg": "jpg"}.get(extension, extension)
    return FileKind(extension) if extension in set(FileKind) else None


def fits(kind: FileKind, content: bytes) -> bool:
    """Tell whether content is what its name says, as far as its bytes show it."""
    start = _STARTS.get(kind)
    if start is not None:
        return content.startswith(start)
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:8]
    return not head.startswith(_OTHER_STARTS) and _CONTROLS.search(content) is None


def tidy_name(name: str, kind: FileKind) -> str:
    """Return a name that is safe on every disk: no folders, one extension, nothing hidden or reserved."""
    last = re.split(r"[/\\]", clean(name))[-1]
    stem = last.rpartition(".")[0]
    stem = clean(_UNFIT.sub("_", stem)).strip("_ -")[:LONGEST_NAME].strip()
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"file_{stem}".rstrip("_")
    return f"{stem}.{kind.value}"
