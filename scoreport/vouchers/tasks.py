"""Background entries of vouchers."""

from django.tasks import task

from scoreport.lib.clock import now
from scoreport.vouchers.generate import generate


@task(priority=5)  # A coordinator waits for it: before exports, after what is short.
def generate_vouchers(order_id: int) -> bool:
    """Generate the vouchers of an order."""
    return generate(order_id, at=now())
