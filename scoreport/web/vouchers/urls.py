"""The addresses of exam vouchers. None of them contains a voucher code."""

from django.urls import path

from scoreport.web.vouchers import views, wizard

_HERE = "vouchers/<str:address>/"
_ORDER = "vouchers/orders/<str:code>/"

urlpatterns = [
    path("vouchers/", views.organizations, name="vouchers"),
    path(_ORDER, views.order, name="voucher_order"),
    path(f"{_ORDER}vouchers.csv", views.order_csv, name="voucher_order_csv"),
    path(f"{_ORDER}void/", views.void, name="voucher_order_void"),
    path(_HERE, views.summary, name="vouchers_summary"),
    path(f"{_HERE}orders/", views.orders, name="voucher_orders"),
    path(f"{_HERE}order/", wizard.start, name="voucher_order_start"),
]
