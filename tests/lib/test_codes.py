"""Codes that people type: every slip of one symbol or two neighbours is noticed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib import codes

SYMBOLS = st.sampled_from(codes.ALPHABET)
BODY = st.text(SYMBOLS, min_size=15, max_size=15)


def test_a_drawn_code_is_one_and_no_two_are_alike():
    drawn = {codes.generate() for _ in range(500)}
    assert len(drawn) == 500
    assert all(codes.is_code(code) for code in drawn)


@pytest.mark.parametrize("count", [0, 1, 31, 5000])
def test_many_at_once_are_as_many_and_each_is_one(count):
    drawn = codes.generate_many(count)
    assert len(set(drawn)) == len(drawn) == count
    assert all(codes.is_code(code) for code in drawn)


def test_every_symbol_is_drawn_about_as_often():
    """Each of the 31 comes 2,419 times of 75,000, give or take 49; six times as far off is one run in many millions."""
    drawn = Counter("".join(code[:-1] for code in codes.generate_many(5000)))
    assert set(drawn) == set(codes.ALPHABET)
    assert all(abs(times - 75_000 / 31) < 6 * 49 for times in drawn.values())


def test_short_codes_repeat_and_are_drawn_until_all_differ():
    """Two random symbols are 961 codes, so that nine hundred of them repeat again and again."""
    assert len(set(codes.generate_many(900, 3))) == 900


@given(BODY, st.integers(0, 15), SYMBOLS)
def test_one_wrong_symbol_is_noticed(body, place, symbol):
    code = body + codes._check(body)
    slip = code[:place] + symbol + code[place + 1 :]
    assert codes.is_code(slip) == (slip == code)


@given(BODY, st.integers(0, 14))
def test_two_that_changed_places_are_noticed(body, place):
    code = body + codes._check(body)
    slip = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert codes.is_code(slip) == (slip == code)


def test_what_people_type_is_read_as_they_mean_it():
    code = codes.generate()
    assert codes.normalized(f" {codes.grouped(code).lower()} ") == code
    assert len(codes.grouped(code)) == 19


WAYS = {
    "small": str.lower,
    "spaces": " ".join,
    "no-break spaces": "\u00a0".join,
    "en dashes": "\u2013".join,
    "non-breaking hyphens": "\u2011".join,
    "minus signs": "\u2212".join,
    "lines of a mail": "\r\n".join,
    "zero-width spaces": "\u200b".join,
    "full width": lambda code: "".join(chr(ord(symbol) + 0xFEE0) for symbol in code),
    "quotes": lambda code: f"\u201c{code}\u201d.",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_read_however_it_is_typed_or_pasted(way):
    assert codes.normalized(WAYS[way]("T1234")) == "T1234"


PLACEHOLDERS = (
    *("N/A", "n/a", "#N/A", "NONE", "None.", "null", "NaN", "TBD", "t.b.d.", "0", "0000", "9999999999", "XXXX"),
    *("--", "\u2014", "", " ", "#REF!", "No voucher", "sin c\u00f3digo", "000003", "\uff10\uff10\uff10\uff10"),
)


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_is_no_code(text):
    assert codes.is_placeholder(text)


@pytest.mark.parametrize("text", ["T1", "V-77", "CLEP-2026-0077", "0000000001", "26070000001", "NA1"])
def test_a_code_is_no_placeholder(text):
    assert not codes.is_placeholder(text)


def test_what_is_no_code_is_none():
    assert not codes.is_code("")
    assert not codes.is_code("A" * 15)
    assert not codes.is_code("é" * 16)
