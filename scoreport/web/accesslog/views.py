"""The access log of an institution, as a page and as a file; who can see whom, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from scoreport import access
from scoreport.access import Permission, PlaceKind
from scoreport.lib.clock import local
from scoreport.lib.tabular import csv_lines
from scoreport.organizations import queries as organizations
from scoreport.organizations.rules import OrganizationInfo
from scoreport.people.queries import student_called
from scoreport.reports import actions
from scoreport.reports.queries.sight import reached_schools
from scoreport.reports.rules.log import LOG_MOST, LOG_PAGE_SIZE, LogRow
from scoreport.reports.rules.sight import Look, StudentSight
from scoreport.web import page
from scoreport.web.accesslog.forms import KINDS, LogForm
from scoreport.web.accesslog.sentences import event_sentence, sentence_of
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

# With more schools than these, a list of them is no help; people open the school's own log.
_MANY_SCHOOLS = 200
_COLUMNS = ("at", "who", "acting_for", "what", "event", "organization_id", "organization", "student")


@dataclass(frozen=True, slots=True)
class Line:
    """An event as a line of the page; ``who`` and ``about`` lead to the pages of people who have to do with it."""

    row: LogRow
    what: str
    who: str
    email: str
    acting_for: str
    person_url: str
    student_url: str


@rule(Permission.ACCESS_READ)
@require_safe
def log(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show what happened at an institution and under it, newest first."""
    organization = organizations.organization(request.actor, address)
    form = LogForm(request.GET)
    shown = actions.open_log(request.actor, organization=organization, query=form.asked(), at=request.at)
    kept = {name: value for name, value in form.cleaned_data.items() if value and name != "page"}
    may_export = access.can(request.actor, Permission.ACCESS_EXPORT, organization.place)
    csv_url = f"{reverse('managing_log_csv', args=[organization.address])}?{urlencode(kept)}"
    context = {
        "organization": organization,
        "form": form,
        "query": shown.query,
        "kinds": [("", _("Everything")), *((kind.value, label) for kind, label in KINDS.items())],
        "schools": _schools(organization),
        "csv_url": csv_url if may_export and shown.total else "",
        "may_grant": access.can(request.actor, Permission.PEOPLE_GRANT, organization.place),
        "clear_url": reverse("managing_log", args=[organization.address]) if shown.query.is_filtered else "",
        "is_more": shown.is_more,
        "most": LOG_MOST,
        "pager": page.pager(request, number=shown.query.page, size=LOG_PAGE_SIZE, total=shown.total),
        "lines": [_line(row, organization) for row in shown.rows],
    }
    template = "accesslog/part.html" if part_of(request) == "log" else "accesslog/log.html"
    return page.render(request, template, context, organization=page.choice_of(organization, "managing_log"))


def _schools(organization: OrganizationInfo) -> list[tuple[str, str]]:
    """Return the choices of the filter by school; none where there is nothing to choose."""
    found = () if organization.kind is PlaceKind.SCHOOL else organizations.schools_under(organization.place)
    if not 1 < len(found) <= _MANY_SCHOOLS:
        return []
    return [("", _("All schools")), *((info.code, info.name) for info in found)]


def _line(row: LogRow, organization: OrganizationInfo) -> Line:
    name, _mark, email = row.event.facts.actor.partition(" <")
    return Line(
        row=row,
        what=sentence_of(row),
        who=name,
        email=email.rstrip(">"),
        acting_for=row.event.facts.acting_for,
        person_url=reverse("managing_log_person", args=[organization.address, row.actor_id]) if row.actor_id else "",
        student_url=reverse("student_sight", args=[row.public_id]) if row.public_id else "",
    )


@rule(Permission.ACCESS_EXPORT)
@require_GET
def as_csv(request: ScoreportRequest, address: str) -> StreamingHttpResponse:
    """Send what the filters ask for whole, as CSV with guarded cells."""
    organization = organizations.organization(request.actor, address)
    query = LogForm(request.GET).asked()
    rows = actions.export_log(request.actor, organization=organization, query=query, at=request.at)
    lines = csv_lines(_COLUMNS, _cells(rows, organization.time_zone))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"access_log_{organization.address}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(rows: Iterator[LogRow], zone: str) -> Iterator[tuple[object, ...]]:
    for row in rows:
        facts = row.event.facts
        yield (
            local(facts.at, zone).isoformat(timespec="seconds"),
            facts.actor,
            facts.acting_for or None,
            sentence_of(row),
            facts.verb,
            facts.organization or None,
            row.organization.name if row.organization else None,
            row.student or row.public_id or None,
        )


@rule(Permission.ACCESS_READ)
@require_safe
def person(request: ScoreportRequest, address: str, person_id: int) -> HttpResponse:
    """Show which students of the institution a person can see and why, and what they did there lately."""
    organization = organizations.organization(request.actor, address)
    told, lately = actions.open_person_sight(
        request.actor, organization=organization, person_id=person_id, at=request.at
    )
    everything = urlencode({"person": f"{told.name} <{told.email}>"})
    context = {
        "organization": organization,
        "person": told,
        "log_url": f"{reverse('managing_log', args=[organization.address])}?{everything}",
        "clear_url": "",
        "is_more": False,
        "pager": None,
        "lines": [_line(row, organization) for row in lately.rows],
    }
    header = page.choice_of(organization, "managing_log")
    return page.render(request, "accesslog/person.html", context, organization=header)


@rule.signed_in
@require_safe
def student(request: ScoreportRequest, public_id: str) -> HttpResponse:
    """Show who can see a student and who looked; for access managers and readers of the rosters of their schools."""
    called = student_called(public_id)
    if called.public_id != public_id:
        # Whoever may not see the student learns nothing from being led on.
        reached_schools(request.actor, called.number)
        return HttpResponseRedirect(reverse("student_sight", args=[called.public_id]))
    told, looks = actions.open_student_sight(request.actor, student_id=called.number, at=request.at)
    context = {
        "sight": told,
        "title": told.name or _("Student %(number)s") % {"number": told.public_id},
        "looks": [(look.event, _what(look, told), look.organization) for look in looks],
    }
    return page.render(request, "accesslog/student.html", context)


def _what(look: Look, told: StudentSight) -> str:
    student = told.name or _("student %(number)s") % {"number": told.public_id}
    return event_sentence(look.event, student=student, is_from_above=look.is_from_above)
