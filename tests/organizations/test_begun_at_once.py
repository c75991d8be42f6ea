"""Of several program staff who begin one support access at once, exactly one has it, on both databases."""

import pytest
from django.db import connection

ROUNDS = 12


@pytest.mark.slow
def test_exactly_one_has_it(script):
    assert script("tests.organizations.begun_at_once", ROUNDS) == {"won": [1] * ROUNDS, "held": ROUNDS}


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time anyway")
def test_a_check_before_the_write_would_be_found(script):
    assert max(script("tests.organizations.begun_at_once", ROUNDS, "--broken")["won"]) > 1
