"""Exam vouchers: the pages of an organization of ours and of another one, and an order at each."""

from scoreport.vouchers.generate import generate
from tests.vouchers.ordering import BEN, place, prepare, prepare_people
from tests.web.matrix import Args, Asks
from tests.world import AT

_PAGES = ("vouchers_summary", "voucher_orders", "voucher_order_start")
_ORDERS = ("voucher_order", "voucher_order_csv", "voucher_order_void")


def facts(world):
    """Store an order with vouchers here and there. Cara coordinates here, Bo is invoiced, Dee coordinates above."""
    prepare_people(world)
    prepare("BIRCH-HIGH", coordinator=BEN)
    ours, theirs = place(key="ours"), place(key="theirs", organization="BIRCH-HIGH")
    for placed in (ours, theirs):
        generate(placed.id, at=AT)
    return {"our_order": ours.code, "their_order": theirs.code}


def asks(facts) -> Asks:
    """Return what each route can be asked for."""
    places: Args = {"Alder": ("470001",), "Birch": ("470101",), "nobody": ("999999",)}
    orders: Args = {"Alder": (facts["our_order"],), "Birch": (facts["their_order"],), "nobody": ("AAAAAAAA",)}
    return dict.fromkeys(_PAGES, places) | dict.fromkeys(_ORDERS, orders)
