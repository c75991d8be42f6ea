"""Text in other encodings than UTF-8: recognized over the whole file, and read as UTF-8 once that was chosen."""

import codecs
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from django.utils.translation import gettext as _

from scoreport.imports.problems import Cause, FileCause, Repair, RepairKind

_PIECE: Final = 1 << 20
_HEAD: Final = 1 << 12
_EXAMPLES: Final = 3
_SHOWN: Final = 60
_MARKS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NAMES: Final = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
# What people's names and spreadsheets' punctuation are in Windows-1252; a file of anything else is not guessed at.
_EXPECTED: Final = frozenset({"Lu", "Ll", "Lo", "Pi", "Pf", "Pd", "Zs", "Po"})


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding that a file is in, where it begins to show, and how much and what it changes."""

    name: str
    line: int
    rows: int
    preview: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The name of the encoding as people know it."""
        return _NAMES[self.name]

    def cause(self) -> FileCause:
        """Return what is wrong with the file, with the repair."""
        message = _("From line %(line)d on, this file is %(encoding)s text, not UTF-8. Read it as %(encoding)s?")
        return FileCause(
            cause=Cause.ENCODING,
            columns=(),
            rows=self.rows,
            lines=(self.line,),
            examples=tuple(before for before, _after in self.preview),
            sentence=message % {"line": self.line, "encoding": self.label},
            repairs=(Repair(RepairKind.ENCODING, "", self.rows, self.preview),),
        )


def other_encoding(stream: IO[bytes]) -> Encoding | None:
    """Return the encoding of a file that is no UTF-8 and can be one other thing only; the stream is read anew then."""
    head = stream.read(_HEAD)
    stream.seek(0)
    wide = _wide_encoding(head)
    if wide:
        first = head[: len(head) // 2 * 2].decode(wide, errors="replace").lstrip("\ufeff").splitlines()
        # The lines behind the first chunk count as well.
        line_end = "\n".encode(wide)
        rows = sum(piece.count(line_end) for piece in _pieces(stream))
        before = head[:_SHOWN].decode("cp1252", errors="replace").replace("\0", " ")
        return Encoding(wide, 1, rows, tuple((before, line[:_SHOWN]) for line in first[:1]))
    if b"\0" in head:
        return None
    return _single_bytes(stream)


def _wide_encoding(head: bytes) -> str:
    """Return how text of two bytes a character is written, with a mark at its start or not; "" if it is none."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    even, odd = head[0::2], head[1::2]
    half = len(odd) // 2
    if half and even.count(0) == 0 and odd.count(0) > half:
        return "utf-16-le"
    if half and odd.count(0) == 0 and even.count(0) > half:
        return "utf-16-be"
    return ""


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
    stream.seek(0)


def _single_bytes(stream: IO[bytes]) -> Encoding | None:
    """Return Windows-1252 where some bytes are no UTF-8, none is a letter in UTF-8, and all are letters there."""
    if _is_utf8(stream):
        return None
    first, rows = 0, 0
    preview: dict[str, str] = {}
    for number, line in enumerate(_lines(stream), start=1):
        if line.isascii():
            continue
        if not _is_windows_text(line):
            stream.seek(0)
            return None
        first = first or number
        rows += 1
        for cell in line.replace(b";", b",").replace(b"\t", b",").split(b","):
            if not cell.isascii() and len(preview) < _EXAMPLES:
                shown = cell.strip(b'"\r\n')[:_SHOWN]
                preview[shown.decode(errors="backslashreplace")] = shown.decode("cp1252")
    stream.seek(0)
    return Encoding("cp1252", first, rows, tuple(preview.items())) if rows else None


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_PIECE):
        yield line


def _is_utf8(stream: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(stream):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        stream.seek(0)
        return False
    return True


def _is_windows_text(line: bytes) -> bool:
    try:
        text = line.decode("cp1252")
    except UnicodeDecodeError:
        return False
    odd = [character for character in text if character > "\x7f"]
    if any(unicodedata.category(character) not in _EXPECTED for character in odd):
        return False
    # Letters that UTF-8 writes in two bytes would be there as well, if a part of the file were UTF-8.
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


class _Transcoded(io.RawIOBase):
    """A stream of UTF-8 over one in another encoding."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._waiting = b""
        self._is_first = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader gives
        while not self._waiting:
            data = self._stream.read(_PIECE)
            text = self._decoder.decode(data, final=not data)
            if self._is_first and text:
                text, self._is_first = text.removeprefix("\ufeff"), False
            self._waiting = text.encode(errors="replace")
            if not data and not self._waiting:
                return 0
        size = min(len(buffer), len(self._waiting))
        buffer[:size], self._waiting = self._waiting[:size], self._waiting[size:]
        return size


def transcoded(stream: IO[bytes], encoding: Encoding) -> IO[bytes]:
    """Return a stream in UTF-8 over one in another encoding."""
    return io.BufferedReader(_Transcoded(stream, encoding.name), _PIECE)
