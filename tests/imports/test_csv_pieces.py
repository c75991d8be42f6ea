"""A file that is read in pieces gives what it gives as a whole: the same rows with the same lines, the same error."""

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoreport.imports.reading import csv_rows
from scoreport.imports.reading.csv_rows import TabularError, csv_head, csv_pieces, csv_reader

type Told = tuple[list[tuple[int, list[str]]], tuple[int, int | None, str, str] | None]

# Made of what matters to a reader, so that cells, rows and quotes come about.
ODD = st.lists(st.sampled_from([b"a", b'"', b",", b"\n", b"\r\n", b'""', b'",', b',"', b"\0", b"\xff", b"\xc3\xab"]))


def told(rows) -> Told:
    found = []
    try:
        found.extend(rows)
    except TabularError as error:
        return found, (error.line, error.column, error.value, str(error))
    return found, None


def in_pieces(data: bytes, size: int):
    stream = io.BytesIO(data)
    names, line = csv_head(stream)
    yield 0, names
    for first, piece in csv_pieces(stream, first_line=line, size=size):
        yield from csv_reader(io.BytesIO(piece), first_line=first)


@given(ODD, st.integers(1, 12), st.sampled_from([b"a,b\n", b'"a\n","b"\r\n', b"\n\na\n", b"\xef\xbb\xbfa,b\n"]))
@example([b'"', b"a", b"\n", b"a", b'"', b",", b"a", b"\n", b"a"], 1, b"a,b\n")
@example([b"a", b'"', b",", b'"', b"\n", b'"', b"\n", b"a", b",", b"a"], 4, b"a,b\n")
def test_pieces_give_what_the_whole_gives(odd, size, header):
    data = header + b"".join(odd)
    (rows, error), (parts, other) = told(csv_reader(io.BytesIO(data))), told(in_pieces(data, size))
    assert error == other
    assert [cells for _line, cells in rows] == [cells for _line, cells in parts]
    assert rows[1:] == parts[1:]


@given(ODD, st.integers(1, 12))
def test_rows_beyond_their_limit_are_refused_at_the_same_line(odd, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, "_ROW_LIMIT", 9)
        data = b"a,b\n" + b"".join(odd)
        (rows, error), (parts, other) = told(csv_reader(io.BytesIO(data))), told(in_pieces(data, size))
    assert error == other
    assert rows[1:] == parts[1:]


def test_every_piece_begins_where_a_row_does():
    data = b'1,"x\ny"\n2,z\n' * 40
    pieces = list(csv_pieces(io.BytesIO(data), first_line=2, size=7))
    assert b"".join(piece for _line, piece in pieces) == data
    assert {piece[:2] for _line, piece in pieces} <= {b"1,", b"2,"}
    assert len(pieces) > 40
    lines = [2]
    for _line, piece in pieces:
        lines.append(lines[-1] + piece.count(b"\n"))
    assert [line for line, _piece in pieces] == lines[:-1]


def test_a_quote_that_is_never_closed_takes_no_more_than_a_row():
    data = b'1,"x\n' + b"y\n" * 1_000_000
    first, *_rest = csv_pieces(io.BytesIO(data), first_line=2, size=100)
    assert len(first[1]) < 250_000
    with pytest.raises(TabularError, match="longer than"):
        list(csv_reader(io.BytesIO(first[1]), first_line=2))
