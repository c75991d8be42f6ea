"""Requests for roles: who asks, for what and why; granted or declined on a page of its own."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.access import NotAllowed, NotFound, Permission, Refused, Role
from scoreport.lib.clock import local_date
from scoreport.organizations.actions import answers
from scoreport.organizations.actions.answers import AlreadyAnswered
from scoreport.organizations.queries.role_requests import count_open_requests, role_request, role_requests
from scoreport.organizations.rules.asked import RoleRequest
from scoreport.organizations.rules.requests import AnswerState
from scoreport.web import page
from scoreport.web.entry.terms import with_terms
from scoreport.web.managing import words
from scoreport.web.managing.forms import DeclineForm, GrantForm
from scoreport.web.managing.frame import Frame, frame_of, render
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule
from scoreport.web.search_form import SearchForm

PER_PAGE: Final = 25
_METHODS = ["GET", "HEAD", "POST"]


@rule(Permission.PEOPLE_GRANT)
@require_safe
@with_terms
def requests(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the open requests, or the answered ones."""
    frame = frame_of(request, address)
    is_open = request.GET.get("state") != "answered"
    number = SearchForm(request.GET).number()
    found, total = role_requests(
        request.actor, frame.organization, request.at, is_open=is_open, first=(number - 1) * PER_PAGE, limit=PER_PAGE
    )
    here = reverse("managing_requests", args=[address])
    context = {
        "found": [(one, words.answer_label(one.state)) for one in found],
        "is_open": is_open,
        "lists": [
            (_("Open"), here, is_open, count_open_requests(request.actor, frame.organization)),
            (_("Answered"), f"{here}?state=answered", not is_open, None),
        ],
        "pager": page.pager(request, number=number, size=PER_PAGE, total=total),
    }
    return render(request, "managing/requests.html", frame, context)


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def grant(request: ScoreportRequest, address: str, request_id: int) -> HttpResponse:
    """Give what was asked for, or another role."""
    frame, asked = _asked(request, address, request_id)
    form = GrantForm(
        request.POST if request.method == "POST" else None,
        initial={"role": asked.role.value},
        latest=asked.latest_end,
        earliest=local_date(request.at, asked.organization.time_zone),
    )

    def act() -> None:
        answers.grant_request(
            request.actor,
            request_id=asked.id,
            role=Role(form.cleaned_data["role"]),
            ends_on=form.cleaned_data["ends_on"],
            sentence=form.cleaned_data["sentence"],
            at=request.at,
        )

    return _answer(
        request, frame, asked, form, act,
        title=_("Grant this request?"), label=_("Grant"), kind="primary",
        done=_("%(person)s has access now, and was told.") % {"person": asked.name},
    )  # fmt: skip


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def decline(request: ScoreportRequest, address: str, request_id: int) -> HttpResponse:
    """Say no, and why."""
    frame, asked = _asked(request, address, request_id)
    form = DeclineForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        answers.decline_request(
            request.actor, request_id=asked.id, sentence=form.cleaned_data["sentence"], at=request.at
        )

    return _answer(
        request, frame, asked, form, act,
        title=_("Decline this request?"), label=_("Decline"), kind="danger",
        done=_("%(person)s was told that the request is declined, and why.") % {"person": asked.name},
    )  # fmt: skip


def _asked(request: ScoreportRequest, address: str, request_id: int) -> tuple[Frame, RoleRequest]:
    frame = frame_of(request, address)
    asked = role_request(request.actor, request_id, request.at)
    if frame.organization.id not in asked.organization.lineage:
        raise Http404
    return frame, asked


def _answer(
    request: ScoreportRequest,
    frame: Frame,
    asked: RoleRequest,
    form: GrantForm | DeclineForm,
    act: Callable[[], None],
    **told: str,
) -> HttpResponse:
    """Ask, then answer; where somebody else was faster, the list says who."""
    back = reverse("managing_requests", args=[frame.organization.address])
    if asked.state is not AnswerState.OPEN:
        label, _kind = words.answer_label(asked.state)
        messages.warning(request, _("This request is answered: %(state)s.") % {"state": label})
        return HttpResponseRedirect(f"{back}?state=answered")
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except (NotAllowed, NotFound):
            raise
        except AlreadyAnswered as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(back)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, told["done"])
            return HttpResponseRedirect(back)
    return render(request, "managing/answer.html", frame, {"asked": asked, "form": form, "back": back, **told})
