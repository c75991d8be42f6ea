"""Many people are invited: the list is looked at first, and nothing is sent before somebody confirms it."""

import io
from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from scoreport.access import Permission
from scoreport.lib.tabular import csv_lines
from scoreport.organizations import invitees
from scoreport.organizations.actions import invitations as actions
from scoreport.organizations.invitees import Reading
from scoreport.organizations.queries import UnknownOrganization, organization
from scoreport.organizations.rules import OrganizationInfo, Problem
from scoreport.organizations.rules.invitations import Outlook
from scoreport.web import page
from scoreport.web.body import accepts_body
from scoreport.web.desk.gate import gated, too_large
from scoreport.web.formats import number
from scoreport.web.invitations import words
from scoreport.web.invitations.forms import ConfirmedForm, ListForm
from scoreport.web.invitations.place import common, place_of
from scoreport.web.invitations.views.invite import options_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

MOST_BYTES: Final = 1_000_000
"""A thousand people with their names and roles are a tenth of it."""

# The same list as a field of a form, in which a letter takes up to six bytes.
_ESCAPED_BYTES: Final = 2 * MOST_BYTES

_SHOWN: Final = 200
_SALT: Final = "problems of a list of people to invite"


@rule(Permission.PEOPLE_GRANT)
@accepts_body(MOST_BYTES)
@gated(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def several(request: ScoreportRequest, address: str) -> HttpResponse:
    """Ask for a list; tell what is wrong with it, or what will become of each line."""
    place = place_of(request, address)
    if request.method != "POST":
        return _ask(request, place, ListForm(**options_of(request, place)))
    form = ListForm(request.POST, request.FILES, **options_of(request, place))
    form.is_valid()
    if too_large(request):
        form.errors.clear()
        form.add_error("file", _("The file is too large for a list of people. Split it."))
    if form.errors:
        return _ask(request, place, form)
    file = form.file_given()
    try:
        there = _place_below(request, form.cleaned_data["organization"])
    except UnknownOrganization as refusal:
        form.add_error("organization", str(refusal))
        return _ask(request, place, form)
    frame = invitees.frame_of(there, request.at, roles=form.chosen_roles(), ends_on=form.cleaned_data["ends_on"])
    if file is not None:
        reading = invitees.read_file(file, frame)
    else:
        reading = invitees.read_pasted(form.cleaned_data["people"], frame)
    if reading.problems:
        return _ask(request, place, form, reading.problems)
    return _preview(request, place, there, reading)


@rule(Permission.PEOPLE_GRANT)
@accepts_body(_ESCAPED_BYTES)
@require_POST
def send(request: ScoreportRequest, address: str) -> HttpResponse:
    """Invite everybody of a list that was looked at; it is read anew, as if it had never been looked at."""
    place = place_of(request, address)
    form = ConfirmedForm(request.POST)
    if not form.is_valid():
        return HttpResponseRedirect(reverse("managing_invite_several", args=[place.address]))
    there = _place_below(request, form.cleaned_data["organization"])
    reading = invitees.read_file(
        io.BytesIO(form.cleaned_data["rows"].encode(errors="replace")), invitees.frame_of(there, request.at)
    )
    if reading.problems:
        return _ask(request, place, ListForm(**options_of(request, place)), reading.problems)
    planned = actions.invite_all(request.actor, organization=there.address, invitees=reading.invitees, at=request.at)
    sent = sum(one.outlook.is_sent for one in planned)
    told = ngettext("%(count)s person is invited.", "%(count)s people are invited.", sent) % {"count": number(sent)}
    if left := len(planned) - sent:
        told += " " + ngettext(
            "%(count)s line was left out: nothing was to be sent for it.",
            "%(count)s lines were left out: nothing was to be sent for them.",
            left,
        ) % {"count": number(left)}
    messages.success(request, told)
    return HttpResponseRedirect(reverse("managing_invitations", args=[place.address]))


@rule(Permission.PEOPLE_GRANT)
@accepts_body(_ESCAPED_BYTES)
@require_POST
def problems(request: ScoreportRequest, address: str) -> StreamingHttpResponse:
    """Give the problems of a list as CSV; the page that told them sends them along, signed."""
    place_of(request, address)
    try:
        rows = signing.loads(request.POST.get("problems", ""), salt=_SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    header = ("line", "column", "value", "reason")
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return response


def _place_below(request: ScoreportRequest, typed: str) -> OrganizationInfo:
    return place_of(request, organization(request.actor, typed).address)


def _ask(
    request: ScoreportRequest, place: OrganizationInfo, form: ListForm, found: Sequence[Problem] = ()
) -> HttpResponse:
    rows = [(one.line, one.column, one.value, one.reason) for one in found]
    context = {
        "form": form,
        "problems": found[:_SHOWN],
        "told": words.problems(len(found)),
        "more": len(found) - _SHOWN,
        "as_file": signing.dumps(rows, salt=_SALT, compress=True) if rows else "",
        **common(place, "invite"),
    }
    return page.render(request, "invitations/several.html", context)


def _preview(
    request: ScoreportRequest, place: OrganizationInfo, there: OrganizationInfo, reading: Reading
) -> HttpResponse:
    planned = invitees.plan(there, reading.invitees, request.at)
    outlooks = [one.outlook for one in planned]
    sent = sum(outlook.is_sent for outlook in outlooks)
    context = {
        "there": there,
        "planned": planned,
        "sent": sent,
        "counts": [(words.outlook_label(each), outlooks.count(each)) for each in Outlook if each in outlooks],
        "label_of": words.outlook_label,
        "tags": words.OUTLOOK_TAGS,
        "button": _("Send %(invitations)s") % {"invitations": words.invitations(sent)},
        "notices": reading.notices,
        "rows": invitees.as_csv(reading.invitees),
        **common(place, "invite"),
    }
    return page.render(request, "invitations/preview.html", context)
