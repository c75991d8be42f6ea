"""Start an Order: four steps at one address, as My CLEP has them. What was chosen travels along in the form.

Each button says which step comes next. The key of the request is drawn on the first step, so that a form that is sent
twice is one order. Nothing is stored before the last step.
"""

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import NotAllowed, NotFound, Permission, Refused
from scoreport.lib.money import dollars
from scoreport.organizations.rules import OrganizationInfo
from scoreport.vouchers import actions, queries
from scoreport.vouchers.actions.orders import OrderStart
from scoreport.vouchers.rules import TERMS_VERSION, NewOrder, most_cents
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule
from scoreport.web.vouchers.forms import DetailsForm, TermsForm
from scoreport.web.vouchers.frame import PROGRAM, render

_FIELDS = ("quantity", "expires_on", "covers_remote", "purchase_order")


class Step(StrEnum):
    """The four steps, and what the button of the last one asks for."""

    START = "start"
    DETAILS = "details"
    REVIEW = "review"
    TERMS = "terms"
    PLACE = "place"


@rule(Permission.VOUCHERS_ORDER)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the next step, or the details while something in them is wrong; the last one places the order."""
    place = queries.organization_with_orders(request.actor, address)
    begun = actions.start_order(request.actor, organization=place, program=PROGRAM, at=request.at)
    step = _step(request)
    if step is Step.START:
        return _show(request, place, Step.START, _fees(begun))
    if step is Step.DETAILS:
        return _details(request, place, _entered(request, begun))
    form = DetailsForm(request.POST, start=begun)
    if not form.is_valid():
        return _details(request, place, form)
    if step is Step.PLACE:
        return _place(request, place, form.wanted(), begun)
    if step is Step.TERMS:
        return _terms(request, place, TermsForm(), _cost(form.wanted(), begun))
    return _review(request, place, form)


def _fees(begun: OrderStart) -> dict[str, object]:
    fee = begun.fee
    return {"start": begun, "exam_fee": dollars(fee.exam_cents), "remote_fee": dollars(fee.remote_cents)}


def _step(request: ScoreportRequest) -> Step:
    """Return the step that a button asks for; whatever makes no sense is the first."""
    name = request.POST.get("step", "")
    return Step(name) if name in set(Step) else Step.START


def _entered(request: ScoreportRequest, begun: OrderStart) -> DetailsForm:
    """Return the form of the details with what was entered before, and no complaints yet."""
    known = {name: request.POST[name] for name in _FIELDS if name in request.POST}
    return DetailsForm(initial=known, start=begun)


def _details(request: ScoreportRequest, place: OrganizationInfo, form: DetailsForm) -> HttpResponse:
    return _show(request, place, Step.DETAILS, {"form": form})


def _review(request: ScoreportRequest, place: OrganizationInfo, form: DetailsForm) -> HttpResponse:
    try:
        reviewed = actions.review_order(
            request.actor, organization=place, program=PROGRAM, wanted=form.wanted(), at=request.at
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _details(request, place, form)
    return _show(request, place, Step.REVIEW, {"reviewed": reviewed, "most": dollars(reviewed.most_cents)})


def _cost(wanted: NewOrder, begun: OrderStart) -> dict[str, object]:
    """Return how many vouchers are ordered, and what they can cost at most."""
    most = most_cents(wanted, begun.fee.exam_cents, begun.fee.remote_cents)
    return {"quantity": wanted.quantity, "most": dollars(most)}


def _terms(
    request: ScoreportRequest, place: OrganizationInfo, form: TermsForm, cost: Mapping[str, object]
) -> HttpResponse:
    terms = f"legal/bulk-purchase-{TERMS_VERSION}.html"
    return _show(request, place, Step.TERMS, {"form": form, "terms": terms, **cost})


def _place(request: ScoreportRequest, place: OrganizationInfo, wanted: NewOrder, begun: OrderStart) -> HttpResponse:
    form = TermsForm(request.POST)
    if not form.is_valid():
        return _terms(request, place, form, _cost(wanted, begun))
    try:
        placed = actions.place_order(
            request.actor,
            organization=place,
            program=PROGRAM,
            wanted=wanted,
            accepts_terms=form.cleaned_data["accepts_terms"],
            request_key=_request_key(request),
            at=request.at,
        )
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _terms(request, place, form, _cost(wanted, begun))
    messages.success(request, _("Your order was received."))
    return HttpResponseRedirect(reverse("voucher_order", args=[placed.code]))


def _request_key(request: ScoreportRequest) -> str:
    """Return the key that the form brought, or a new one where it is none that was drawn here."""
    try:
        return str(uuid.UUID(request.POST.get("request_key", "")))
    except ValueError:
        return str(uuid.uuid4())


def _show(request: ScoreportRequest, place: OrganizationInfo, step: Step, context: Mapping[str, Any]) -> HttpResponse:
    """Answer with a step; what its own form does not ask for travels along."""
    shown_here = _FIELDS if step is Step.DETAILS else ()
    hidden = {name: request.POST[name] for name in _FIELDS if name in request.POST and name not in shown_here}
    hidden["request_key"] = _request_key(request)
    template = f"vouchers/step_{step.value}.html"
    return render(request, template, place, {"hidden": hidden, "step": step.value, **context})
