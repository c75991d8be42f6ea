"""The queue of claims: what a school says beside what the row says, and a person decides."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scoreport.access import Permission
from scoreport.lib.text import fold_given_names, fold_name
from scoreport.scores import actions, queries
from scoreport.scores.actions import NotNow, TooManyRows
from scoreport.scores.queries import ClaimCase, ClaimInfo, RowSide
from scoreport.scores.rules import ClaimState, claim_may_move
from scoreport.web import page
from scoreport.web.desk.limits import to_more_rows
from scoreport.web.formats import day
from scoreport.web.missing import words
from scoreport.web.missing.forms import DecideForm, QueueForm, UndoForm
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 25
_METHODS: Final = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim in the queue."""

    info: ClaimInfo
    label: str
    tag: words.TagKind


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the queue that one may choose."""

    label: str
    url: str
    count: int
    current: bool


@rule(Permission.SCORES_CLAIM_DECIDE)
@require_safe
def queue(request: ScoreportRequest) -> HttpResponse:
    """Show the claims of one state: open ones from the oldest on."""
    form = QueueForm(request.GET)
    chosen = form.chosen()
    counts = queries.count_claims(request.actor)
    pager = page.pager(request, number=form.number(), size=PER_PAGE, total=counts[chosen])
    found, _total = queries.claims(request.actor, states=[chosen], first=max(0, pager.first - 1), limit=PER_PAGE)
    context = {
        "entries": [_entry(info) for info in found],
        "groups": [
            Group(words.claim_label(state), f"{reverse('desk_claims')}?state={state.value}", count, state is chosen)
            for state, count in counts.items()
        ],
        "pager": pager,
        "is_open": chosen is ClaimState.OPEN,
    }
    template = "missing/claims_part.html" if part_of(request) == "claims" else "missing/claims.html"
    return page.render(request, template, context)


def _entry(info: ClaimInfo) -> Entry:
    return Entry(info, words.claim_label(info.state), words.CLAIM_TAGS[info.state])


@rule(Permission.SCORES_CLAIM_DECIDE)
@require_http_methods(_METHODS)
def claim(request: ScoreportRequest, number: int) -> HttpResponse:
    """Show one claim beside its row, and take the decision; that somebody looked is recorded."""
    case = queries.claim_case(request.actor, number)
    form = DecideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _decided(request, number, form)
    try:
        actions.note_claim_seen(request.actor, number=number, at=request.at)
    except TooManyRows as refusal:
        return to_more_rows(request, refusal)
    context = {
        "case": case,
        "entry": _entry(case.claim),
        "pairs": _pairs(case),
        "evidence": [words.evidence_sentence(kind) for kind in case.evidence],
        "form": form,
        "may_decide": claim_may_move(case.claim.state, ClaimState.CONFIRMED),
        "may_undo": claim_may_move(case.claim.state, ClaimState.UNDONE),
    }
    return page.render(request, "missing/case.html", context)


def _pairs(case: ClaimCase) -> list[tuple[str, str, str, bool]]:
    """Return (what, as the school says, as the row says, whether the two differ)."""
    claimed, row = case.claim, case.row
    if row is None:
        return []
    folded = [(fold_name(one.last_name), fold_given_names(one.first_name)) for one in (claimed, row)]
    code = row.ai_code or _("none told")
    now = row.school.name if row.school else _("in no school's report")
    return [
        (_("Name"), _name(claimed), _name(row), folded[0] != folded[1]),
        (_("Date of birth"), day(claimed.birth_date), day(row.birth_date), claimed.birth_date != row.birth_date),
        (_("AI code"), claimed.school.ai_code, code, claimed.school.ai_code != row.ai_code),
        (_("School"), claimed.school.name, now, row.school is None or row.school.id != claimed.school.id),
    ]


def _name(one: ClaimInfo | RowSide) -> str:
    return f"{one.last_name}, {one.first_name}" if one.first_name else one.last_name


def _decided(request: ScoreportRequest, number: int, form: DecideForm) -> HttpResponse:
    sentence = form.cleaned_data["sentence"]
    try:
        if form.cleaned_data["decision"] == ClaimState.CONFIRMED:
            actions.confirm_claim(request.actor, number=number, sentence=sentence, at=request.at)
            told = _("Confirmed. The school's report shows the test now, and whoever claimed it gets a mail.")
        else:
            actions.decline_claim(request.actor, number=number, sentence=sentence, at=request.at)
            told = _("Declined. Whoever claimed the test gets a mail and reads your sentence.")
    except NotNow as refusal:
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("desk_claim", args=[number]))
    messages.success(request, told)
    return HttpResponseRedirect(reverse("desk_claims"))


@rule(Permission.SCORES_CLAIM_DECIDE)
@require_http_methods(_METHODS)
def undo(request: ScoreportRequest, number: int) -> HttpResponse:
    """Take the confirmation of a claim back."""
    case = queries.claim_case(request.actor, number)
    here = HttpResponseRedirect(reverse("desk_claim", args=[number]))
    if not claim_may_move(case.claim.state, ClaimState.UNDONE):
        messages.warning(request, _("Only a confirmed claim can be undone."))
        return here
    form = UndoForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return page.render(request, "missing/undo.html", {"case": case, "form": form})
    try:
        actions.undo_claim(request.actor, number=number, sentence=form.cleaned_data["sentence"], at=request.at)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Undone. Everything is as it was before the claim was confirmed."))
    return here
