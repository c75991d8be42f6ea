"""Codes that people type: every slip of one symbol or two neighbours is noticed."""

from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib import codes

SYMBOLS = st.sampled_from(codes.ALPHABET)
BODY = st.text(SYMBOLS, min_size=15, max_size=15)


def test_a_drawn_code_is_one_and_no_two_are_alike():
    drawn = {codes.draw() for _ in range(500)}
    assert len(drawn) == 500
    assert all(codes.is_code(code) for code in drawn)


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
    code = codes.draw()
    assert codes.normalized(f" {codes.grouped(code).lower()} ") == code
    assert len(codes.grouped(code)) == 19


def test_what_is_no_code_is_none():
    assert not codes.is_code("")
    assert not codes.is_code("A" * 15)
    assert not codes.is_code("é" * 16)
