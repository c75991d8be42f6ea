"""Looking for a missing score, and claiming one.

What is looked for is sent by POST and answered at once, without an address of its own: names, birth dates and tickets
stay out of histories and logs. Nothing but the record of the search is stored.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport import access
from scoreport.access import Permission
from scoreport.organizations.queries import UnknownOrganization, organization, organizations_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores import actions, queries, search
from scoreport.scores.actions import NotNow
from scoreport.scores.queries import ClaimInfo
from scoreport.scores.rules import ClaimState
from scoreport.scores.search import Answer, Finding
from scoreport.web import page
from scoreport.web.formats import day
from scoreport.web.missing import words
from scoreport.web.missing.forms import ClaimForm, FinderForm
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

# More organizations than these are not chosen from a list but typed.
LISTED = 40
_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding as the page shows it."""

    finding: Finding
    label: str
    tag: words.TagKind
    sentence: str
    student_url: str
    claim_url: str
    note: str


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A claim in the list of its school."""

    info: ClaimInfo
    label: str
    tag: words.TagKind


@rule.signed_in
@require_http_methods(_METHODS)
def missing(request: ScoreportRequest) -> HttpResponse:
    """Ask what is looked for, and answer below; whoever may look nowhere is refused."""
    search.require(request.actor, None)
    is_staff = access.can(request.actor, Permission.SCORES_CLAIM_DECIDE)
    sent = request.POST if request.method == "POST" else None
    first = _first(request)
    form = FinderForm(sent, initial={"organization": first}, choices=_choices(request), is_staff=is_staff)
    context: dict[str, object] = {"form": form, "is_staff": is_staff, "answer": None, "hits": []}
    school = _reached(request, first)
    if sent is not None and form.is_valid():
        school, answer = _look(request, form)
        if answer is not None:
            hits = _hits(request, school, answer)
            title, sentence = words.empty_title(answer), words.nothing(answer)
            context |= {"answer": answer, "hits": hits, "empty_title": title, "empty_sentence": sentence}
    context |= {"organization": school, "claims": _claims(request, school)}
    template = "missing/results.html" if part_of(request) == "results" else "missing/finder.html"
    return page.render(request, template, context)


def _first(request: ScoreportRequest) -> str:
    """Return the organization that the form begins with: the one of the address, the last one, or the first one."""
    asked = request.GET.get("organization") or request.session.get(page.LAST_ORGANIZATION, "")
    if asked and _reached(request, str(asked)):
        return str(asked)
    found = organizations_of(request.actor, permission=Permission.SCORES_CLAIM, per_page=1).rows
    return found[0].address if found else ""


def _choices(request: ScoreportRequest) -> list[tuple[str, str]]:
    """Return the organizations to choose from; none where they are too many, or where staff type any."""
    found = organizations_of(request.actor, permission=Permission.SCORES_CLAIM, per_page=LISTED)
    if not found.total or found.total > LISTED:
        return []
    return [(info.address, f"{info.name} ({info.label})") for info in found.rows]


def _reached(request: ScoreportRequest, address: str) -> OrganizationInfo | None:
    try:
        return organization(request.actor, address) if address else None
    except UnknownOrganization:
        return None


def _look(request: ScoreportRequest, form: FinderForm) -> tuple[OrganizationInfo | None, Answer | None]:
    address = form.cleaned_data["organization"]
    school = _reached(request, address)
    if address and school is None:
        form.add_error("organization", _("There is no such organization, or you have no role in it."))
        return None, None
    try:
        return school, actions.search(request.actor, organization=school, criteria=form.sought(), at=request.at)
    except (actions.TooManySearches, actions.TooManyRows) as refusal:
        form.add_error(None, str(refusal))
        return school, None


def _hits(request: ScoreportRequest, school: OrganizationInfo | None, answer: Answer) -> list[Hit]:
    return [_hit(request, school, finding) for finding in answer.findings]


def _hit(request: ScoreportRequest, school: OrganizationInfo | None, finding: Finding) -> Hit:
    student_url = claim_url = ""
    if finding.student and finding.year and school and request.actor.person_id:
        student_url = reverse(
            "report_student", args=[finding.program, school.address, (finding.year,), finding.student]
        )
    if finding.key and school and finding.claimed is not ClaimState.OPEN:
        claim_url = reverse("missing_claim", args=[school.address, finding.key])
    return Hit(
        finding=finding,
        label=words.state_label(finding.state),
        tag=words.TAGS[finding.state],
        sentence=words.sentence(finding, day),
        student_url=student_url,
        claim_url=claim_url,
        note=_note(finding),
    )


def _note(finding: Finding) -> str:
    """Say what became of a claim, or why none can be made yet."""
    if finding.claimed is ClaimState.OPEN:
        return _("You have claimed it; program staff will decide.")
    return words.needs_more() if finding.needs_more else ""


def _claims(request: ScoreportRequest, school: OrganizationInfo | None) -> list[OwnClaim]:
    if school is None or not access.can(request.actor, Permission.SCORES_CLAIM, school.place):
        return []
    found = queries.claims_of(request.actor, school)
    return [OwnClaim(info, words.claim_label(info.state), words.CLAIM_TAGS[info.state]) for info in found]


@rule(Permission.SCORES_CLAIM)
@require_http_methods(_METHODS)
def claim(request: ScoreportRequest, address: str, key: str) -> HttpResponse:
    """Say that a test which the finder showed is one of this school's students'."""
    school = organization(request.actor, address)
    access.require(request.actor, Permission.SCORES_CLAIM, school.place)
    keyed = search.opened(request.actor, school, key, request.at)
    form = ClaimForm(request.POST if request.method == "POST" else None, initial=ClaimForm.initial_of(keyed))
    if form.is_valid():
        return _claimed(request, school, key, form)
    about = queries.exam_of_ticket(keyed.program, keyed.ticket)
    context = {"form": form, "school": school, "about": about, "back_url": _finder_url(school)}
    return page.render(request, "missing/claim.html", context)


def _claimed(request: ScoreportRequest, school: OrganizationInfo, key: str, form: ClaimForm) -> HttpResponse:
    try:
        actions.claim_test(request.actor, organization=school, key=key, claimed=form.claimed(), at=request.at)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
    else:
        told = _("Claimed. Program staff will decide; you get a mail, and the answer stands here.")
        messages.success(request, told)
    return HttpResponseRedirect(_finder_url(school))


def _finder_url(school: OrganizationInfo) -> str:
    return f"{reverse('missing_scores')}?organization={school.address}"
