"""What people do with orders and vouchers."""

from scoreport.vouchers.actions.downloads import download_vouchers
from scoreport.vouchers.actions.orders import (
    NotOrdered,
    OtherOrder,
    change_purchase_order,
    place_order,
    require_may_order,
    review_order,
    start_order,
)
from scoreport.vouchers.actions.profiles import set_profile
from scoreport.vouchers.actions.voiding import NothingToVoid, void_vouchers

__all__ = [
    "NotOrdered",
    "NothingToVoid",
    "OtherOrder",
    "change_purchase_order",
    "download_vouchers",
    "place_order",
    "require_may_order",
    "review_order",
    "set_profile",
    "start_order",
    "void_vouchers",
]
