"""Text whose UTF-8 was read as another encoding (``PeÃ±alver``), found and undone."""

import codecs
import re
from typing import Final

_UNDEFINED: Final = frozenset("\x81\x8d\x8f\x90\x9d")
_CONTROLS: Final = "windows-1252-controls"


def _as_control(error: UnicodeError) -> tuple[bytes, int]:
    """Write the bytes that Windows-1252 leaves undefined, which readers turn into control characters."""
    if isinstance(error, UnicodeEncodeError) and set(error.object[error.start : error.end]) <= _UNDEFINED:
        return error.object[error.start : error.end].encode("latin-1"), error.end
    raise error


codecs.register_error(_CONTROLS, _as_control)


def _cp1252(first: int, last: int) -> str:
    """Return the characters that these bytes are in Windows-1252, to stand in a class of a pattern."""
    characters = (bytes([n]).decode("cp1252") if chr(n) not in _UNDEFINED else chr(n) for n in range(first, last + 1))
    return "".join(re.escape(character) for character in characters)


# Only what people's texts hold: Latin letters with marks, Vietnamese, punctuation, and then words of other scripts.
_TAIL: Final = f"[{_cp1252(0x80, 0xBF)}]"
_DAMAGED: Final = re.compile(
    f"[ÂÃÄÅ]{_TAIL}|á[º»]{_TAIL}|â€{_TAIL}|(?:[ÎÏÐÑ×ØÙ]{_TAIL}){{2,}}"
    f"|(?:[ä-í]{_TAIL}{_TAIL})+|à[{_cp1252(0xA4, 0xBF)}]{_TAIL}"
)
_LEADS: Final = frozenset("ÂÃÄÅáâÎÏÐÑ×ØÙäåæçèéêëìíà")
_TIMES: Final = 3


def undamaged(text: str) -> str:
    """Return text with the damage undone, or the same text when there is none.

    What was damaged more than once is repaired as often; a letter that is right stays as it is.
    """
    for _time in range(_TIMES):
        if text.isascii() or _LEADS.isdisjoint(text):
            break
        repaired = _DAMAGED.sub(_decoded, text)
        if repaired == text:
            break
        text = repaired
    return text


def _decoded(match: re.Match[str]) -> str:
    try:
        return match[0].encode("cp1252", errors=_CONTROLS).decode("utf-8")
    except UnicodeError:
        return match[0]
