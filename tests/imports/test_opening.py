"""What a file is, told before its rows: separators, titles, headers, encodings; each with the repair or the way out."""

import pytest

from scoreport.imports.problems import Cause, RepairKind, UnreadableFile
from tests.imports.made import GOOD, HEADER, line, raw, table

ROWS = f"{HEADER}\n{line()}\n"


def refusal(content: bytes, **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        raw(content, **options)
    return caught.value


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_separator_is_offered_by_its_name_and_then_read(separator, name):
    content = ROWS.replace(",", separator).encode()
    error = refusal(content)
    assert f"separated by {name}, not by commas" in str(error)
    assert [cause.offer for cause in error.causes] == [RepairKind.SEPARATOR]
    read = raw(content, repairs=[RepairKind.SEPARATOR])
    assert read.rows[0]["last_name"] == "Lopez"
    assert [(cause.cause, cause.is_repaired) for cause in read.causes] == [(Cause.SEPARATOR, True)]


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n'])
def test_a_file_that_names_its_separator_is_read(first):
    read = raw((first + ROWS.replace(",", ";")).encode())
    assert (read.rows[0].line, read.rows[0]["card"], read.causes) == (3, "C00123", ())


@pytest.mark.parametrize("title", ["Library cards,fall 2026\n", "Library cards\n\n", '"Cards, all"\n'])
def test_lines_above_the_header_are_skipped_and_said(title):
    read = raw((title + ROWS).encode())
    assert read.rows[0]["card"] == "C00123"
    assert "Cards" in read.notices[0].title()
    assert read.rows[0].line == title.count("\n") + 2


def test_headers_are_found_in_any_case_with_spaces_and_hyphens_and_by_their_other_names():
    header = "CARD,Surname,First Name,branch,born,joined,Level,books"
    assert raw(f"{header}\n{line()}\n".encode()).rows[0]["first_name"] == "Ana"


def test_two_headers_that_mean_one_column_are_named_and_no_other_is_blamed():
    error = refusal(f"{HEADER.replace('first_name', 'Last Name')}\n{line()}\n".encode())
    assert "Columns 2 (last_name) and 3 (Last Name) both mean last_name." in str(error)
    assert "Missing: first_name." in str(error)
    assert (error.line, error.column) == (1, "last_name")


def test_missing_columns_are_named_with_all_that_there_are():
    error = refusal(b"name,score\nAna,3\n")
    assert str(error).startswith("Line 1: These columns are missing: card, last_name")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_another_encoding_is_offered_and_then_read(encoding):
    content = ROWS.replace("Lopez", "Peñalver").encode(encoding)
    error = refusal(content)
    (cause,) = error.causes
    assert (cause.cause, cause.offer) == (Cause.ENCODING, RepairKind.ENCODING)
    read = raw(content, repairs=[RepairKind.ENCODING])
    assert read.rows[0]["last_name"] == "Peñalver"
    assert read.causes[0].is_repaired


def test_text_for_spreadsheets_needs_both_repairs_and_offers_them_at_once():
    content = ROWS.replace(",", "\t").encode("utf-16")
    assert {cause.offer for cause in refusal(content).causes} == {RepairKind.ENCODING, RepairKind.SEPARATOR}
    assert raw(content, repairs=list(RepairKind)).rows[0]["card"] == "C00123"


@pytest.mark.parametrize(
    "content",
    [
        (ROWS + line(last_name="Peñalver")).encode("cp1252") + b"\n" + line(last_name="Núria").encode(),
        ROWS.encode().replace(b"Lopez", b"Lop\x81z"),
    ],
    ids=["half of it UTF-8", "no letter"],
)
def test_bytes_that_no_encoding_explains_are_refused_with_their_place(content):
    error = refusal(content)
    assert error.causes == ()
    assert "not UTF-8" in str(error)
    assert str(error).startswith("Line ")


def test_rows_without_a_value_are_skipped_and_counted():
    read = table(line(), ",,,,,,,", " , ,,,,,,", ",", line(card="C00124"))
    assert (len(read.rows), read.skipped) == (2, 3)
    assert "3 rows without any value were skipped." in read.notices


def test_cells_cut_off_at_the_end_are_empty_and_extra_empty_ones_are_dropped():
    read = table(line().rsplit(",", 3)[0], line() + ",,", "C1,Lopez")
    first, second, third = read.rows
    assert (first["joined"], first["level"], first["books"], first.problems) == ("", "12", "", ())
    assert second.problems == ()
    assert "2 cells" in third.problems[0].reason


def test_columns_without_a_header_are_ignored_without_a_word():
    read = raw(f"{HEADER},,\n{line()},,\n".encode())
    assert (read.rows[0].problems, read.notices) == ((), ())


@pytest.mark.parametrize("last", ["Total: 1,,,,,,,", "TOTAL,,,,,,,12", "Total: 1", "Record count,2,,,,,,"])
def test_a_line_of_totals_is_refused_as_what_it_looks_like(last):
    read = table(line(), last)
    (problem,) = read.rows[1].problems
    assert problem.cause is Cause.TOTALS_LINE
    assert [cause.cause for cause in read.causes] == [Cause.TOTALS_LINE]


def test_a_reader_of_other_columns_is_not_taken_for_totals():
    assert table(line(card="Total5X")).rows[0].problems == ()


@pytest.mark.parametrize("word", GOOD)
def test_any_order_of_columns_is_read(word):
    names = [word, *(name for name in GOOD if name != word)]
    content = f"{','.join(names)}\n{','.join(GOOD[name] for name in names)}\n"
    assert {name: raw(content.encode()).rows[0][name] for name in GOOD} == GOOD
