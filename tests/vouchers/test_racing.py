"""One form is one order and one batch of codes, however many processes send it, and wherever one of them is killed."""

import pytest

PROCESSES, ROUNDS = 8, 3


@pytest.mark.slow
def test_many_at_once_and_kills_at_each_statement_leave_one_order_and_one_batch(script):
    found = script("tests.vouchers.racing", PROCESSES, ROUNDS)
    assert found.pop("statements") > 5
    assert found == {
        "different": [1] * ROUNDS,
        "made": [1] * ROUNDS,
        "again": True,
        "orders": ROUNDS + 2,
        "statuses": ["fulfilled"],
        "vouchers": [7],
        "codes": True,
        "events": [ROUNDS + 2, ROUNDS + 2],
        "chain": True,
    }
