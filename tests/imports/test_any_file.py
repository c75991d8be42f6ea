"""Whatever comes in a file, the answer is rows, problems with sentences, or a sentence for the whole file."""

import datetime as dt
import io
import re
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from scoreport.imports.problems import RepairKind, UnreadableFile
from scoreport.imports.table import Table
from tests.imports.made import GOOD, HEADER, raw, workbook

SENTENCE = re.compile(r"\S.*[.?]", re.DOTALL)
CELLS = st.text(st.sampled_from("\"',;\t|=#?.0159/-EN AÃ±\ufffdé\n\r\0\u200b"), max_size=9) | st.sampled_from(
    [*GOOD.values(), "NULL", "#N/A", "#REF!", "3/4/2008", "12/30/2007", "39511", "2.6E+10", "1.0", "Total", "sep=;"]
)
ROWS = st.lists(st.lists(CELLS, min_size=6, max_size=10), max_size=6)
REPAIRS = st.sets(st.sampled_from(RepairKind))


def examine(content: bytes, repairs: set[RepairKind]) -> None:
    """Read a file and look at everything that has to be true of the answer."""
    try:
        read, error = raw(content, repairs=repairs), None
    except UnreadableFile as refusal:
        read, error = None, refusal
    if error is not None:
        assert SENTENCE.fullmatch(str(error)), str(error)
        assert all(cause.offer not in repairs for cause in error.causes if cause.offer)
    if read is not None:
        _sound(read, content)


def _sound(read: Table, content: bytes) -> None:
    lines = [row.line for row in read.rows]
    assert lines == sorted(set(lines))
    assert all(1 < line <= content.count(b"\n") + content.count(b"\r") + 1 for line in lines) or content[:2] == b"PK"
    for row in read.rows:
        assert all(SENTENCE.fullmatch(problem.reason) for problem in row.problems)
        assert len({one.cause for one in row.problems if one.cause}) == sum(bool(one.cause) for one in row.problems)
    assert not any(cause.offer for cause in read.causes), "what is offered is not taken"
    assert sum(bool(row.problems) for row in read.rows) >= max(
        (one.rows for one in read.causes if not one.repairs), default=0
    )


@settings(max_examples=80)
@given(st.binary(max_size=300) | ROWS.map(lambda rows: "\n".join([HEADER, *map(",".join, rows)]).encode()), REPAIRS)
def test_any_bytes(content, repairs):
    examine(content, repairs)


@given(
    ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-8-sig"]), REPAIRS
)
def test_any_cells_in_any_dialect(rows, separator, encoding, repairs):
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    text = "\n".join(separator.join(row) for row in [list(GOOD), *quoted])
    examine(text.encode(encoding, errors="replace"), repairs)


VALUES = (
    CELLS.filter(lambda cell: "\0" not in cell)
    | st.floats(-1e300, 1e300)
    | st.integers(-(10**18), 10**18)
    | st.booleans()
    | st.dates(dt.date(1900, 3, 1))
)


@settings(max_examples=40)
@given(st.lists(st.lists(VALUES, max_size=10).map(tuple), max_size=5), REPAIRS)
def test_any_cells_of_a_workbook(rows, repairs):
    examine(workbook(tuple(GOOD), *rows), repairs)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=40), REPAIRS)
def test_any_bytes_in_a_workbook(place, noise, repairs):
    content = workbook(tuple(GOOD), tuple(GOOD.values()))
    place %= len(content)
    examine(content[:place] + noise + content[place + len(noise) :], repairs)


@settings(max_examples=60)
@given(
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"]),
    st.integers(0, 9_999),
    CELLS,
)
def test_any_text_in_a_part_of_a_workbook(part, place, noise):
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(tuple(GOOD), tuple(GOOD.values())))) as old,
        zipfile.ZipFile(target, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            at = place % len(data)
            new.writestr(name, data[:at] + noise.encode() + data[at:] if name == part else data)
    examine(target.getvalue(), set())
