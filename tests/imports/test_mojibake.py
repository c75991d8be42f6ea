"""Damaged letters are found and undone, once or twice; letters that are right stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.imports.mojibake import undamaged

NAMES = [
    "Peñalver",
    "Núria",
    "ÁLVAREZ",
    "Łukasz",
    "Đặng Nguyễn",
    "O’Brien",
    "Иван",
    "李小龙",
    "한국",
    "Šárka",
    "Zoë – x",
]


def damaged(text: str) -> str:
    """Read the UTF-8 of a text as Windows-1252, as programs do."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else chr(byte)
        for byte in text.encode()
    )


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_undone(name):
    assert undamaged(damaged(name)) == name


@pytest.mark.parametrize("name", ["Peñalver", "Núria", "Łukasz", "Šárka"])
def test_damage_on_damage_is_undone(name):
    assert undamaged(damaged(damaged(name))) == name


@pytest.mark.parametrize("name", [*NAMES, "JOSÉ’S", "JOSÉ–MARIA", "JOÃO", "SÃO PAULO", "ÖŽ", "naïve", "é»"])
def test_what_is_right_stays(name):
    assert undamaged(name) == name


@given(st.text())
def test_any_text_is_answered_and_ascii_stays(text):
    assert undamaged(text).isascii() or not text.isascii()
    assert undamaged(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()
