"""Scores that people withdrew: find one by its ticket, withdraw it with a reason, restore it with a reason."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.access import Permission
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import actions, queries
from scoreport.scores.actions import NotWithdrawable, TooManyRows, UnknownTicket
from scoreport.scores.queries import TestInfo
from scoreport.web import page
from scoreport.web.desk.forms import RestoreForm, TicketForm, WithdrawalsForm, WithdrawForm
from scoreport.web.desk.limits import to_more_rows
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 50


@rule(Permission.SCORES_WITHDRAW)
@require_safe
def withdrawals(request: ScoreportRequest) -> HttpResponse:
    """Show the scores that are withdrawn, or those that were restored, and the form that finds another one."""
    return _page(request, TicketForm())


def _page(request: ScoreportRequest, form: TicketForm) -> HttpResponse:
    chosen = WithdrawalsForm(request.GET)
    is_open = chosen.is_open()
    _none, total = queries.withdrawals(request.actor, is_open=is_open, limit=0)
    pager = page.pager(request, number=chosen.number(), size=PER_PAGE, total=total)
    first = max(0, pager.first - 1)
    found, _total = queries.withdrawals(request.actor, is_open=is_open, first=first, limit=PER_PAGE)
    context = {"form": form, "withdrawals": found, "is_open": is_open, "pager": pager}
    return page.render(request, "desk/withdrawals.html", context)


@rule(Permission.SCORES_WITHDRAW)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ScoreportRequest) -> HttpResponse:
    """Show the test of a ticket and ask for a reason; with one, withdraw its score. A link to it leads to the list."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("desk_withdrawals"))
    form = TicketForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    ticket = form.cleaned_data["ticket"]
    reason = WithdrawForm(request.POST if "reason" in request.POST else None, initial={"ticket": ticket})
    try:
        if reason.is_valid():
            return _withdrawn(request, ticket, reason.cleaned_data["reason"])
        test = actions.look_up_ticket(request.actor, program=PROGRAMS[0].slug, ticket=ticket, at=request.at)
    except UnknownTicket as refusal:
        form.add_error("ticket", str(refusal))
        return _page(request, form)
    except TooManyRows as refusal:
        return to_more_rows(request, refusal)
    return _confirm(request, test, reason)


def _confirm(request: ScoreportRequest, test: TestInfo, form: WithdrawForm) -> HttpResponse:
    return page.render(request, "desk/withdraw.html", {"test": test, "form": form})


def _withdrawn(request: ScoreportRequest, ticket: str, reason: str) -> HttpResponse:
    try:
        actions.withdraw_score(request.actor, program=PROGRAMS[0].slug, ticket=ticket, reason=reason, at=request.at)
    except NotWithdrawable as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The score is withdrawn. Reports show the test as canceled."))
    return HttpResponseRedirect(reverse("desk_withdrawals"))


@rule(Permission.SCORES_WITHDRAW)
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal(request: ScoreportRequest, number: int) -> HttpResponse:
    """Show one withdrawal, and restore the score with a reason."""
    info = queries.withdrawal(request.actor, number)
    form = RestoreForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return page.render(request, "desk/withdrawal.html", {"info": info, "form": form})
    try:
        actions.restore(request.actor, number=number, reason=form.cleaned_data["reason"], at=request.at)
    except NotWithdrawable as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The withdrawal ended. Reports show what the newest file says."))
    return HttpResponseRedirect(reverse("desk_withdrawal", args=[number]))
