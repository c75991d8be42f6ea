"""Amounts are cents: what is read is exactly what was written, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.lib.money import dollars, read_cents, written


@given(st.integers(min_value=0, max_value=999_999_999))
def test_what_is_written_is_read_again(cents):
    assert read_cents(written(cents)) == cents
    assert read_cents(dollars(cents)) == cents


@pytest.mark.parametrize(("text", "cents"), [("97", 9700), (" 97.00 ", 9700), ("$1,097.05", 109705), ("0.00", 0)])
def test_amounts_are_read_as_people_write_them(text, cents):
    assert read_cents(text) == cents


@pytest.mark.parametrize("text", ["", "97.0", "97.000", "-1.00", "1e3", "97,00", "1,0000.00", "٩٧", "$", "NaN"])
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not an amount in dollars") as error:
        read_cents(text)
    assert f"“{text}”" in str(error.value)


def test_negative_amounts_are_written_with_their_sign():
    assert (written(-1005), dollars(-109705)) == ("-10.05", "-$1,097.05")
