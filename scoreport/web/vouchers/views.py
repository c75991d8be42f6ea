"""The orders of an organization, one order with its vouchers, and what is done with them."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from scoreport.access import NotAllowed, NotFound, Permission, Refused
from scoreport.lib import codes
from scoreport.lib.clock import local_date
from scoreport.lib.money import dollars
from scoreport.organizations.queries import organizations_of
from scoreport.vouchers import actions, queries
from scoreport.vouchers.actions import NotOrdered
from scoreport.vouchers.rules import OrderInfo, OrderStatus, OrderTotals, totals_of
from scoreport.web import page
from scoreport.web.formats import number
from scoreport.web.page import Figure
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule
from scoreport.web.search_form import SearchForm
from scoreport.web.vouchers.forms import PurchaseOrderForm, VoidForm, chosen_year
from scoreport.web.vouchers.frame import PROGRAM, refusal_of, render

PER_PAGE: Final = 25
_TAGS: Final[dict[OrderStatus, str]] = {OrderStatus.GENERATING: "waiting", OrderStatus.FULFILLED: "done"}
_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in the list; ``id`` is its code as people read it."""

    order: OrderInfo
    id: str
    placed_on: dt.date
    tag: str


@rule(Permission.VOUCHERS_READ)
@require_safe
def organizations(request: ScoreportRequest) -> HttpResponse:
    """List the organizations whose orders the person may see; go straight on where there is one only."""
    form = SearchForm(request.GET)
    listed = organizations_of(
        request.actor, permission=Permission.VOUCHERS_READ, search=form.words(), page=form.number(), per_page=PER_PAGE
    )
    if listed.total == 1 and not form.words():
        return HttpResponseRedirect(reverse("vouchers_summary", args=[listed.rows[0].address]))
    context = {
        "listed": listed,
        "q": form.words(),
        "pager": page.pager(request, number=listed.page, size=PER_PAGE, total=listed.total),
    }
    template = "vouchers/listed.html" if part_of(request) == "listed" else "vouchers/organizations.html"
    return page.render(request, template, context)


@rule(Permission.VOUCHERS_READ)
@require_safe
def summary(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show who orders for an organization, and the numbers of an academic year."""
    place = queries.organization_with_orders(request.actor, address)
    shown = queries.voucher_year(request.actor, place, program=PROGRAM, year=chosen_year(request.GET), at=request.at)
    refusal = refusal_of(lambda: actions.start_order(request.actor, organization=place, program=PROGRAM, at=request.at))
    context = {"shown": shown, "refusal": refusal, "figures": _figures(totals_of(shown.orders))}
    return render(request, "vouchers/summary.html", place, context, shown=shown)


def _figures(totals: OrderTotals) -> list[Figure]:
    return [
        Figure(_("Orders"), number(totals.orders)),
        Figure(_("Vouchers"), number(totals.vouchers)),
        Figure(_("Voided"), number(totals.voided)),
        Figure(
            _("Most it can cost"), dollars(totals.most_cents), note=_("You're billed only for exams that are taken.")
        ),
    ]


@rule(Permission.VOUCHERS_READ)
@require_safe
def orders(request: ScoreportRequest, address: str) -> HttpResponse:
    """List the orders of an organization in an academic year, the newest first."""
    place = queries.organization_with_orders(request.actor, address)
    shown = queries.voucher_year(request.actor, place, program=PROGRAM, year=chosen_year(request.GET), at=request.at)
    rows = [
        OrderRow(one, codes.grouped(one.code), local_date(one.placed_at, place.time_zone), _TAGS[one.status])
        for one in shown.orders
    ]
    return render(request, "vouchers/orders.html", place, {"shown": shown, "rows": rows}, shown=shown)


@rule(Permission.VOUCHERS_READ)
@require_http_methods(_METHODS)
def order(request: ScoreportRequest, code: str) -> HttpResponse:
    """Show an order, and change its purchase order number; htmx asks for the part that waits for the vouchers."""
    placed = queries.order(request.actor, code)
    sent = request.method == "POST"
    form = PurchaseOrderForm(request.POST if sent else None, initial={"purchase_order": placed.wanted.purchase_order})
    if sent and form.is_valid():
        try:
            return _change_number(request, placed, form)
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.add_error("purchase_order", str(refusal))
    template = "vouchers/order_part.html" if part_of(request) == "order" else "vouchers/order.html"
    return render(request, template, placed.organization, {"form": form, **_order(request, placed)})


def _order(request: ScoreportRequest, placed: OrderInfo) -> dict[str, object]:
    """Return an order as its page shows it: what was ordered, and what the person may do with it."""
    place = placed.organization
    refusal = refusal_of(lambda: actions.require_may_order(request.actor, organization=place))
    reads_codes = queries.reads_codes(request.actor, place)
    fulfilled = placed.status is OrderStatus.FULFILLED
    left = placed.wanted.quantity - placed.voided
    return {
        "order": placed,
        "order_id": codes.grouped(placed.code),
        "most": dollars(placed.most_cents),
        "order_query": f"?year={placed.year.key}",
        "tag_kind": _TAGS[placed.status],
        "is_fulfilled": fulfilled,
        "is_expired": placed.is_expired(request.at),
        "reads_codes": reads_codes,
        "may_change": not refusal,
        "may_void": not refusal and fulfilled and left > 0 and not placed.is_expired(request.at),
    }


def _change_number(request: ScoreportRequest, placed: OrderInfo, form: PurchaseOrderForm) -> HttpResponse:
    actions.change_purchase_order(
        request.actor, code=placed.code, purchase_order=form.cleaned_data["purchase_order"], at=request.at
    )
    messages.success(request, _("Updated order confirmation"))
    return _to_order(placed.code)


def _to_order(code: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("voucher_order", args=[code]))


@rule(Permission.VOUCHER_CODES_READ)
@require_GET
def order_csv(request: ScoreportRequest, code: str) -> HttpResponseBase:
    """Send the vouchers of an order with their codes; where they are not ready, the order's page says so."""
    try:
        lines = actions.download_vouchers(request.actor, order=code, at=request.at)
    except NotOrdered as refusal:
        messages.warning(request, str(refusal))
        return _to_order(code)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"clep_vouchers_{codes.normalized(code)}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@rule(Permission.VOUCHERS_ORDER)
@require_http_methods(_METHODS)
def void(request: ScoreportRequest, code: str) -> HttpResponse:
    """Say what voiding does, and void the vouchers of an order that are left, or the one whose code is typed in."""
    placed = queries.order(request.actor, code)
    actions.require_may_order(request.actor, organization=placed.organization)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _void(request, placed, form)
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.add_error("code" if form.chosen() else None, str(refusal))
    left = placed.wanted.quantity - placed.voided
    context = {"form": form, "order": placed, "order_id": codes.grouped(placed.code), "left": left}
    return render(request, "vouchers/void.html", placed.organization, context)


def _void(request: ScoreportRequest, placed: OrderInfo, form: VoidForm) -> HttpResponse:
    voided = actions.void_vouchers(request.actor, order=placed.code, code=form.chosen(), at=request.at)
    done = ngettext("%(count)s voucher was voided.", "%(count)s vouchers were voided.", voided)
    messages.success(request, done % {"count": number(voided)})
    return _to_order(placed.code)
