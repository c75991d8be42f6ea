"""Renew, change, revoke: each says on a page of its own what it will do, and does it by POST, at once."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scoreport.access import K12_ROLES, NotAllowed, NotFound, Permission, Refused, Role
from scoreport.organizations.actions import changes
from scoreport.organizations.holding import latest_end
from scoreport.organizations.queries.users import role_held
from scoreport.organizations.rules.users import HeldRole
from scoreport.web.entry.terms import with_terms
from scoreport.web.formats import day
from scoreport.web.managing.forms import ChangeForm, UsersForm
from scoreport.web.managing.frame import Frame, frame_of, render, way_back
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A role, and the part of the list from which it was chosen."""

    frame: Frame
    role: HeldRole
    back: str

    @property
    def who(self) -> dict[str, str]:
        """The words of most sentences."""
        return {"person": self.role.name, "role": self.role.role.label, "organization": self.role.organization.name}


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def renew(request: ScoreportRequest, address: str, role_id: int) -> HttpResponse:
    """Let a role last until the default day."""
    asked = _asked(request, address, role_id)
    ends_on = latest_end(asked.role.organization, request.at)
    if request.method == "POST":
        done = _("%(person)s: %(role)s at %(organization)s now ends on %(day)s.") % {**asked.who, "day": day(ends_on)}
        return _do(
            request, asked, lambda: changes.renew_role(request.actor, membership_id=asked.role.id, at=request.at), done
        )
    told = [
        _("The role ends on %(new)s instead of %(old)s.") % {"new": day(ends_on), "old": day(asked.role.ends_on)},
        _told(request, asked),
    ]
    return _confirm(request, asked, title=_("Renew this role?"), label=_("Renew"), told=told)


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def revoke(request: ScoreportRequest, address: str, role_id: int) -> HttpResponse:
    """Take a role away."""
    asked = _asked(request, address, role_id)
    if request.method == "POST":
        done = _("%(person)s does not have the role %(role)s at %(organization)s any more.") % asked.who
        return _do(
            request,
            asked,
            lambda: changes.revoke_held_role(request.actor, membership_id=asked.role.id, at=request.at),
            done,
        )
    told = [_("It opens nothing from the next click on, wherever the person is signed in.")]
    if asked.role.person_id == request.actor.person_id:
        told.append(_("This is your own role. Somebody else has to give it back to you."))
    elif asked.role.role is Role.ACCESS_MANAGER:
        told.append(_("What the person assigned and renewed stays as it is."))
    told += [_told(request, asked), _("To undo this, assign the role again.")]
    return _confirm(request, asked, title=_("Revoke this role?"), label=_("Revoke the role"), told=told, kind="danger")


@rule(Permission.PEOPLE_GRANT)
@require_http_methods(_METHODS)
@with_terms
def change(request: ScoreportRequest, address: str, role_id: int) -> HttpResponse:
    """Give a role another last day, or make it another role."""
    asked = _asked(request, address, role_id)
    held = asked.role
    if held.role not in K12_ROLES:
        raise Http404
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        initial={"role": held.role.value, "ends_on": held.ends_on},
        latest=latest_end(held.organization, request.at),
        earliest=held.today,
    )
    if request.method == "POST" and form.is_valid():
        role, ends_on = Role(form.cleaned_data["role"]), form.cleaned_data["ends_on"]
        done = _("%(person)s: %(role)s at %(organization)s, until %(day)s.") % {
            **asked.who, "role": role.label, "day": day(ends_on),
        }  # fmt: skip
        return _do(
            request,
            asked,
            lambda: changes.change_role(
                request.actor, membership_id=held.id, role=role, ends_on=ends_on, at=request.at
            ),
            done,
        )
    context = {"role": held, "form": form, "back": asked.back}
    return render(request, "managing/change.html", asked.frame, context)


def _asked(request: ScoreportRequest, address: str, role_id: int) -> _Asked:
    """Return the role; one that is not at this institution or under it is not on its pages."""
    frame = frame_of(request, address)
    held = role_held(request.actor, role_id, request.at)
    if frame.organization.id not in held.organization.lineage:
        raise Http404
    return _Asked(frame, held, frame.url + UsersForm(request.GET).kept())


def _told(request: ScoreportRequest, asked: _Asked) -> str:
    if asked.role.person_id == request.actor.person_id:
        return _("It is written into the access log.")
    return _("%(person)s is told by mail, and it is written into the access log.") % asked.who


def _do(request: ScoreportRequest, asked: _Asked, act: Callable[[], object], done: str) -> HttpResponse:
    """Act, and go back to the list, which says what was done or why it was not."""
    try:
        act()
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return way_back(request, asked.frame, asked.back)


def _confirm(
    request: ScoreportRequest, asked: _Asked, *, title: str, label: str, told: list[str], kind: str = "primary"
) -> HttpResponse:
    context = {
        "title": title,
        "label": label,
        "kind": kind,
        "subject": asked.role.name,
        "facts": [
            (_("E-mail address"), asked.role.email),
            (_("Role"), asked.role.role.label),
            (_("Organization"), asked.role.organization.name),
            (_("Last day"), day(asked.role.ends_on)),
        ],
        "effects": told,
        "back": asked.back,
        "tab": "users",
        "fields": {},
    }
    return render(request, "managing/confirm.html", asked.frame, context)
