import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.imports.reading.csv_rows import TabularError, csv_reader


def read(data, **options):
    return list(csv_reader(io.BytesIO(data), **options))


def refused(data):
    with pytest.raises(TabularError) as caught:
        read(data)
    return caught.value


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"", b"end"])
def test_lines_are_numbered_as_an_editor_does(bom, line_end, last):
    data = bom + line_end.join([b"a,b", b'"x', b'y",2', b"", b"Zo\xc3\xab, 3 ", b"4"]) + (line_end if last else b"")
    inside = line_end.decode()
    assert read(data) == [(1, ["a", "b"]), (2, [f"x{inside}y", "2"]), (5, ["Zoë", " 3 "]), (6, ["4"])]


def test_another_delimiter():
    assert read(b'a^b,c\n"x^y"^z\n', delimiter="^") == [(1, ["a", "b,c"]), (2, ["x^y", "z"])]


def test_quotes_inside_a_cell():
    assert read(b'a,b\n"=HYPERLINK(""http://x"")",1\n')[1] == (2, ['=HYPERLINK("http://x")', "1"])


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_said_to_be_empty(data):
    error = refused(data)
    assert (error.line, error.column) == (1, None)
    assert "The file is empty" in error.reason


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04\x14\0\x06\0", "a workbook or a ZIP file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook or a ZIP file"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), "UTF-16"),
        (b"\x1f\x8b\x08\0", "not a text file"),
        (b"%PDF-1.7\n", "not a text file"),
        (b"ab\x01\x02\0\0\xff", "not a text file"),
    ],
)
def test_other_formats_are_named(data, said):
    error = refused(data)
    assert said in error.reason
    assert "CSV UTF-8" in error.reason
    assert error.line == 1


def test_a_wrong_byte_is_found_in_its_cell():
    error = refused(b"a,b,c\n1,2,3\n1,Jos\xe9,3\n")
    assert (error.line, error.column, error.value) == (3, 2, "Jos\\xe9")
    assert "not UTF-8" in error.reason


def test_a_nul_is_found_in_its_cell():
    error = refused(b"a,b,c\n1,2,3\n1,2,x\0y\n")
    assert (error.line, error.column, error.value) == (3, 3, "x\\0y")
    assert "NUL" in error.reason


@pytest.mark.parametrize("row", [b'"abc"def,2', b'"abc', b'"a""'])
def test_quotes_that_do_not_match_are_refused(row):
    error = refused(b"a,b\n1,2\n" + row + b"\n")
    assert error.line == 3
    assert error.column is None
    assert "quotation marks" in error.reason


def test_a_line_break_inside_a_cell_is_no_line_end_of_the_file():
    error = refused(b"a,b\n1,2\r3\n4,5\n")
    assert (error.line, error.reason.split(".")[0]) == (
        2,
        "A cell of this row has a line break and no quotation marks around it",
    )


@pytest.mark.parametrize("rows", [2, 60_000])
def test_line_ends_of_old_computers_are_named_in_files_of_any_size(rows):
    assert "CR alone" in refused(b"a,b\r" + b"1,2\r" * rows).reason


def test_a_cell_may_be_long_but_not_endless():
    assert len(read(b"a,b\n1," + b"x" * 10_000 + b"\n")[1][1][1]) == 10_000
    error = refused(b"a,b\n1," + b"x" * 10_001 + b"\n")
    assert (error.line, error.column) == (2, 2)
    assert "longer than 10000 characters" in error.reason
    assert len(error.value) <= 61


@pytest.mark.parametrize(
    "cell", [b"x" * 10_000_000, b'"' + b"x\n" * 5_000_000 + b'"', b'"' + b'\n","' * 3_000_000 + b'"']
)
def test_a_huge_row_costs_little_memory(cell):
    file = io.BytesIO(b"a,b\n" + cell)
    tracemalloc.start()
    try:
        with pytest.raises(TabularError, match="longer than"):
            list(csv_reader(file))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_the_csv_module_writes_is_read_back(rows, line_end, bom):
    file = io.StringIO()
    csv.writer(file, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    data = file.getvalue().encode("utf-8-sig" if bom else "utf-8")
    assert [cells for _, cells in read(data)] == rows


@given(st.binary(max_size=300) | st.text('ab,"\r\n\0é').map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_place(data):
    lines, error = [], None
    try:
        lines += [line for line, _ in csv_reader(io.BytesIO(data))]
    except TabularError as caught:
        error = caught
    assert lines == sorted(set(lines))
    assert lines or error
    assert error is None or (1 <= error.line <= data.count(b"\n") + 1 and error.reason[-1] in ".?")
