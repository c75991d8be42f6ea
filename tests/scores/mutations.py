"""Files as nobody should send them: good ones, and what is done to them by accident or on purpose."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable

from tests.scores.files import COLUMNS, row, text

CELLS = (
    *(
        "",
        " ",
        "\u00a0",
        "\t",
        "0",
        "-0",
        "+50",
        "50.0",
        "1e5",
        "\uff19\uff19",
        "\u0665\u0660",
        "9" * 400,
        "-1",
        "80.5",
        "NaN",
        "inf",
    ),
    *("2026-2-3", "0000-00-00", "9999-12-31", "2026-02-30", "02/03/2026", "2026-02-03T00:00", "20260203", "2024-02-29"),
    *("=1+1", "@SUM(A1)", "-2+3", "\uff1dcmd", "'; DROP TABLE scores_clepresult;--", "%s%d%%", "${7*7}", "<script>"),
    *("a\u202eb", "a\u0301", "\u200b", "\ufeff", "José", "李小龙", "محمد", "🎓", "\u0130", "ﬁ", "x" * 501, "x" * 9_999),
    *(
        "000003",
        "000004",
        "470001",
        "47000",
        "4700011",
        "999",
        "18",
        "018",
        "77w",
        "91",
        "Q",
        "f",
        "13",
        "null",
        "None",
    ),
    *('"', '""', ",", ";", "\n", "\r\n", "a\nb", "\\", "\\n", "\x1e", "\x1f", "\x7f", "\x85", "\u2028"),
)
BYTES = (
    *(
        b"\0",
        b"\xff",
        b"\xfe\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
        b"\xe2\x82",
        b"\xef\xbb\xbf",
    ),
    *(
        b'"',
        b'""',
        b"'",
        b",",
        b",,",
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n\n",
        b"\x1a",
        b"\x0b",
        b"\x0c",
        b"\t",
        b";",
        b"\x1b[0m",
    ),
)

Mutation = Callable[[random.Random, bytes], bytes]


def good(chance: random.Random) -> bytes:
    """Return a good file of a few rows, some with cells that are odd or wrong."""
    rows = [row(f"T{n}", first_name=f"Ana {n % 3}", score=str(20 + n)) for n in range(chance.randint(0, 8))]
    for one in rows:
        for _n in range(chance.choice((0, 0, 0, 1, 2))):
            one[chance.choice(COLUMNS)] = chance.choice(CELLS)
    columns = list(COLUMNS)
    if chance.random() < 0.3:
        chance.shuffle(columns)
    return text(*rows, columns=tuple(columns), end=chance.choice(("\n", "\n", "\r\n")))


def _insert(chance: random.Random, content: bytes) -> bytes:
    place = chance.randint(0, len(content))
    return content[:place] + chance.choice(BYTES) + content[place:]


def _cut(chance: random.Random, content: bytes) -> bytes:
    start, end = sorted(chance.randint(0, len(content)) for _n in range(2))
    return content[:start] + content[end:]


def _flip(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _n in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _repeat_line(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    lines.insert(chance.randint(0, len(lines)), chance.choice(lines))
    return b"".join(lines)


def _swap_lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def _header(chance: random.Random, content: bytes) -> bytes:
    head, _newline, rest = content.partition(b"\n")
    names = head.strip().split(b",")
    place = chance.randrange(len(names))
    match chance.randrange(5):
        case 0:
            names[place] = chance.choice(names)
        case 1:
            names[place] = names[place].upper()
        case 2:
            del names[place]
        case 3:
            names.insert(place, b"shoe_size")
        case _:
            names[place] = b""
    return b",".join(names) + b"\n" + rest


def _encode(chance: random.Random, content: bytes) -> bytes:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7"))
    return content.decode("utf-8", "replace").encode(encoding, "replace")


def _line_ends(chance: random.Random, content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r", b"\r\r\n", b"\n\r", b"\x0b", b"")))


def _disguise(chance: random.Random, content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", content)
        file.writestr("bomb.csv", b"0" * 1_000_000)
    zipped, packed = archive.getvalue(), gzip.compress(content)
    return chance.choice(
        (zipped, packed, b"%PDF-1.7\n" + content, b"\x89PNG\r\n\x1a\n" + content, b"\xd0\xcf\x11\xe0" + content)
    )


def _long(chance: random.Random, content: bytes) -> bytes:
    place = chance.randint(0, len(content))
    size = chance.choice((10_001, 70_000, 250_000))
    return content[:place] + chance.choice((b"x", b",", b'"', b"\n", b" ", b"\xc3\xa9")) * size + content[place:]


def _quoted(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    place = chance.randrange(len(lines))
    cells = lines[place].rstrip(b"\r\n").split(b",")
    some = chance.randrange(len(cells))
    cells[some] = chance.choice((b'"' + cells[some], cells[some] + b'"', b'"a"b', b'"a\nb"', b'""""', b'" ""', b'"a" '))
    lines[place] = b",".join(cells) + b"\n"
    return b"".join(lines)


def _nothing(chance: random.Random, _content: bytes) -> bytes:
    return chance.choice(
        (b"", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b" ", b",", b'"', b"\0", b"\n" * 5_000)
    )


def _noise(chance: random.Random, _content: bytes) -> bytes:
    return chance.randbytes(chance.randint(1, 2_000))


def _as_it_is(_chance: random.Random, content: bytes) -> bytes:
    return content


MUTATIONS: tuple[Mutation, ...] = (
    *(_as_it_is, _insert, _insert, _cut, _flip, _repeat_line, _swap_lines, _header, _header, _encode, _line_ends),
    *(_disguise, _long, _quoted, _quoted, _nothing, _noise),
)


def mutated(number: int) -> bytes:
    """Return the file of a number; the same number is the same file for ever."""
    chance = random.Random(number)
    content = good(chance)
    for _n in range(chance.choice((1, 1, 1, 2, 3))):
        content = chance.choice(MUTATIONS)(chance, content)
    return content
