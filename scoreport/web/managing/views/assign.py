"""Assign roles to people of the organization; everybody else is invited. Either is confirmed first."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import NotAllowed, Permission, Refused
from scoreport.accounts.queries import known_person
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date
from scoreport.organizations.actions.changes import assign_roles
from scoreport.organizations.actions.invitations import invite
from scoreport.organizations.holding import is_known, latest_end
from scoreport.organizations.queries.users import people_known
from scoreport.web.entry.terms import with_terms
from scoreport.web.formats import day
from scoreport.web.jinja import url_or_none
from scoreport.web.managing import words
from scoreport.web.managing.forms import AssignForm
from scoreport.web.managing.frame import Frame, frame_of, render
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

# So many people are offered while one types; others are found by their whole address.
_OFFERED = 300


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(["GET", "HEAD", "POST"])
@with_terms
def assign(request: ScoreportRequest, address: str) -> HttpResponse:
    """Ask for person, roles and last day; confirm; give the roles, or send an invitation."""
    frame = frame_of(request, address)
    form = _form(request, frame)
    if request.method == "POST" and form.is_valid():
        try:
            holder = _known(request, frame, form.cleaned_data["email"])
            if request.POST.get("sure") != "yes":
                return _confirm(request, frame, form, holder)
            return _assign(request, frame, form, holder) if holder else _invite(request, frame, form)
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {
        "form": form,
        "people": people_known(request.actor, frame.organization, limit=_OFFERED),
        "invite_url": url_or_none("managing_invite", address) or "",
    }
    return render(request, "managing/assign.html", frame, context)


def _form(request: ScoreportRequest, frame: Frame) -> AssignForm:
    """Return the form; a link may name person and roles, which are looked at again all the same."""
    given = {"email": request.GET.get("email", ""), "roles": request.GET.getlist("roles")}
    return AssignForm(
        request.POST if request.method == "POST" else None,
        initial=given,
        latest=latest_end(frame.organization, request.at),
        earliest=local_date(request.at, frame.organization.time_zone),
    )


def _known(request: ScoreportRequest, frame: Frame, email: str) -> PersonInfo | None:
    """Return a person who holds a role here or below; everybody else gets an invitation, with or without an account."""
    holder = known_person(email)
    is_here = holder and holder.is_active and is_known(request.actor, holder, frame.organization, request.at)
    return holder if is_here else None


def _assign(request: ScoreportRequest, frame: Frame, form: AssignForm, holder: PersonInfo) -> HttpResponse:
    new = assign_roles(
        request.actor,
        email=holder.email,
        organization=frame.organization.address,
        roles=form.chosen(),
        ends_on=form.cleaned_data["ends_on"],
        at=request.at,
    )
    message = _("%(person)s now has, until %(day)s: %(roles)s.") % {
        "person": holder.name,
        "day": day(form.cleaned_data["ends_on"]),
        "roles": ", ".join(role.label for role in new),
    }
    messages.success(request, message)
    return HttpResponseRedirect(frame.url)


def _invite(request: ScoreportRequest, frame: Frame, form: AssignForm) -> HttpResponse:
    info = invite(
        request.actor,
        organization=frame.organization.address,
        email=form.cleaned_data["email"],
        roles=form.chosen(),
        ends_on=form.cleaned_data["ends_on"],
        at=request.at,
    )
    messages.success(request, _("Invitation sent to %(email)s.") % {"email": info.email})
    return HttpResponseRedirect(reverse("managing_invitations", args=[frame.organization.address]))


def _confirm(request: ScoreportRequest, frame: Frame, form: AssignForm, holder: PersonInfo | None) -> HttpResponse:
    """Show what will happen before anything is given or sent."""
    email = holder.email if holder else form.cleaned_data["email"]
    context = {
        "title": _("Assign these roles?") if holder else _("Send an invitation?"),
        "label": _("Assign the roles") if holder else _("Send invitation"),
        "kind": "primary",
        "subject": holder.name if holder else email,
        "facts": [(_("Email address"), email), (_("Organization"), frame.organization.name)],
        "effects": [
            *(f"{role.label}: {words.role_meaning(role)}." for role in form.chosen()),
            *_effects(request, form, holder),
        ],
        "back": reverse("managing_assign", args=[frame.organization.address]),
        "tab": "assign",
        "fields": {
            "email": [email],
            "roles": [role.value for role in form.chosen()],
            "ends_on": [form.cleaned_data["ends_on"].isoformat()],
            "sure": ["yes"],
        },
    }
    return render(request, "managing/confirm.html", frame, context)


def _effects(request: ScoreportRequest, form: AssignForm, holder: PersonInfo | None) -> list[str]:
    until = {"day": day(form.cleaned_data["ends_on"])}
    if holder is None:
        return [
            _("This person has no role here yet, so they get an invitation by email. It expires in 7 days."),
            _("The roles begin when they accept, and end on %(day)s.") % until,
        ]
    begins = _("The roles begin at once and end on %(day)s.") % until
    if holder.id == request.actor.person_id:
        return [begins, _("These roles are for yourself. That's allowed, and the other access managers get an email.")]
    return [begins, _("%(person)s gets an email, and the access log shows it.") % {"person": holder.name}]
