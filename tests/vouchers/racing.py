"""Sends one form from many processes at once, then has many of them generate its vouchers, killed at each statement.

Not a test itself: tests/vouchers/test_racing.py starts it as a process of its own, on a database that is shared.

    python -m tests.vouchers.racing FOLDER PROCESSES ROUNDS
"""

import json
import os
import signal
import sys
from functools import partial
from pathlib import Path

from tests.processes import at_once, in_a_child, killed_in_a_child, own_database, waiting

FOLDER, PROCESSES, ROUNDS = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
QUANTITY = 7


def main() -> None:
    """Prepare, race, kill, and print what is stored then."""
    with own_database(FOLDER, "voucher_orders", modules=("scoreport.vouchers.actions", "tests.vouchers.ordering")):
        in_a_child(_prepare)
        ordered = [at_once([waiting(_order, f"form {n}")] * PROCESSES) for n in range(ROUNDS)]
        made = [at_once([waiting(_generate, codes[0])] * PROCESSES) for codes in ordered]
        killed = in_a_child(lambda: _order("killed"))
        statements = in_a_child(lambda: _statements(in_another=_order("counted")))
        for point in range(1, statements + 1):
            killed_in_a_child(partial(_statements, in_another=killed, kill_at=point))
        again = in_a_child(lambda: _generate(killed))
        found = in_a_child(_found)
    print(  # noqa: T201 - its output
        json.dumps(
            {
                "different": [len(set(codes)) for codes in ordered],
                "made": [answers.count(True) for answers in made],
                "statements": statements,
                "again": again,
                **found,
            }
        )
    )


def _prepare() -> None:
    from tests import world
    from tests.vouchers import ordering

    world.build()
    ordering.prepare()


def _order(key: str) -> str:
    from tests.vouchers import ordering

    return str(ordering.place(what=ordering.wanted(QUANTITY), key=key).code)


def _generate(code: str) -> bool:
    from scoreport.vouchers.generate import generate
    from scoreport.vouchers.models import VoucherOrder
    from tests.world import AT

    return generate(VoucherOrder.objects.get(code=code).pk, at=AT)


def _statements(*, in_another: str, kill_at: int = 0) -> int:
    """Generate the vouchers of an order and return how many statements that takes, or end before one of them."""
    from django.db import connection

    count = 0

    def counted(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        _generate(in_another)
    return count


def _found() -> dict[str, object]:
    from scoreport.audit.queries import broken_links, events_of
    from scoreport.vouchers.models import Voucher, VoucherOrder

    orders = VoucherOrder.objects.all()
    return {
        "orders": orders.count(),
        "statuses": sorted(set(orders.values_list("status", flat=True))),
        "vouchers": sorted({Voucher.objects.filter(order=order).count() for order in orders}),
        "codes": Voucher.objects.values("digest").distinct().count() == orders.count() * QUANTITY,
        "events": [len(events_of(verb=f"vouchers:order:{act}", limit=1000)) for act in ("placed", "fulfilled")],
        "chain": list(broken_links()) == [],
    }


if __name__ == "__main__":
    main()
