"""Assign roles to people who have an account: typed or picked, looked at once more, then given."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import NotAllowed, Permission, Refused
from scoreport.accounts.queries import UnknownPerson, person
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date
from scoreport.organizations.actions.changes import assign_roles
from scoreport.organizations.holding import latest_end
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
    """Ask for person, roles and last day; show whom it is; give the roles."""
    frame = frame_of(request, address)
    form = _form(request, frame)
    if request.method == "POST" and form.is_valid():
        try:
            holder = _active(form.cleaned_data["email"])
            if request.POST.get("sure") != "yes":
                return _confirm(request, frame, form, holder)
            return _do(request, frame, form, holder)
        except NotAllowed:
            raise
        except UnknownPerson as refusal:
            form.add_error("email", _("%(sentence)s Invite them instead.") % {"sentence": refusal})
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


def _active(email: str) -> PersonInfo:
    holder = person(email)
    if not holder.is_active:
        raise UnknownPerson(_("Nobody with the e-mail address %(email)s has an account.") % {"email": email})
    return holder


def _do(request: ScoreportRequest, frame: Frame, form: AssignForm, holder: PersonInfo) -> HttpResponse:
    new = assign_roles(
        request.actor,
        email=holder.email,
        organization=frame.organization.address,
        roles=form.chosen(),
        ends_on=form.cleaned_data["ends_on"],
        at=request.at,
    )
    told = _("%(person)s now has, until %(day)s: %(roles)s.") % {
        "person": holder.name,
        "day": day(form.cleaned_data["ends_on"]),
        "roles": ", ".join(role.label for role in new),
    }
    messages.success(request, told)
    return HttpResponseRedirect(frame.url)


def _confirm(request: ScoreportRequest, frame: Frame, form: AssignForm, holder: PersonInfo) -> HttpResponse:
    """Show whose address it is before anything is given."""
    is_own = holder.id == request.actor.person_id
    told = [f"{role.label}: {words.role_meaning(role)}." for role in form.chosen()]
    told.append(_("The roles open at once and end on %(day)s.") % {"day": day(form.cleaned_data["ends_on"])})
    if is_own:
        told.append(_("These roles are for yourself. That is allowed, and the other access managers are told."))
    else:
        told.append(_("%(person)s is told by mail, and it is written into the access log.") % {"person": holder.name})
    context = {
        "title": _("Assign these roles?"),
        "label": _("Assign the roles"),
        "kind": "primary",
        "subject": holder.name,
        "facts": [(_("E-mail address"), holder.email), (_("Organization"), frame.organization.name)],
        "effects": told,
        "back": reverse("managing_assign", args=[frame.organization.address]),
        "tab": "assign",
        "fields": {
            "email": [holder.email],
            "roles": [role.value for role in form.chosen()],
            "ends_on": [form.cleaned_data["ends_on"].isoformat()],
            "sure": ["yes"],
        },
    }
    return render(request, "managing/confirm.html", frame, context)
