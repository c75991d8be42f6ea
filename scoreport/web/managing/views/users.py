"""Everybody who has a role at an institution, on the screen and as CSV."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from scoreport.access import K12_ROLES, Permission, Role
from scoreport.lib.clock import local
from scoreport.lib.tabular import csv_lines
from scoreport.organizations.actions.viewing import note_users_seen
from scoreport.organizations.holding import latest_end
from scoreport.organizations.queries.reviews import open_review
from scoreport.organizations.queries.role_requests import count_open_requests
from scoreport.organizations.queries.users import all_users, count_users, has_under
from scoreport.organizations.queries.users import users as users_of
from scoreport.organizations.rules.users import HeldRole, Order, Shown, UserCounts, UsersQuery
from scoreport.web import page
from scoreport.web.entry.terms import with_terms
from scoreport.web.managing import words
from scoreport.web.managing.forms import UsersForm
from scoreport.web.managing.frame import Frame, frame_of, render
from scoreport.web.page import Column
from scoreport.web.part import part_of
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule

PER_PAGE: Final = 50
_HEADER: Final = (
    "name", "email", "role", "organization", "ai_code", "granted_by", "granted_at", "ends_on", "last_used_on",
    "state", "unused", "revoked_by", "revoked_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A role in the list, with what can be done about it from there."""

    role: HeldRole
    state: tuple[str, words.TagKind] | None
    renew_url: str = ""
    change_url: str = ""
    revoke_url: str = ""
    assign_url: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A choice above the list."""

    label: str
    url: str
    current: bool
    count: int | None = None


@rule(Permission.ACCESS_READ)
@require_safe
@with_terms
def users(request: ScoreportRequest, address: str) -> HttpResponse:
    """Show the roles, fifty a page, and what wants to be done: a backup, the review, requests."""
    frame = frame_of(request, address, permission=Permission.ACCESS_READ)
    form = UsersForm(request.GET)
    query = form.query()
    first = (form.number() - 1) * PER_PAGE
    found = users_of(request.actor, frame.organization, query, request.at, first=first, limit=PER_PAGE)
    context = {
        "entries": [_entry(request, frame, form, role) for role in found.rows],
        "query": query,
        "form": form,
        "meaning": words.list_meaning(query.shown),
        "columns": _columns(form, query),
        "pager": page.pager(request, number=form.number(), size=PER_PAGE, total=found.total),
        "csv_url": reverse("managing_access_csv", args=[address]) + form.kept(page=None) if frame.may_grant else "",
    } | _choices(request, frame, form, query)
    note_users_seen(request.actor, organization=frame.organization, rows=found.total, as_file=False, at=request.at)
    if part_of(request) == "users":
        return render(request, "managing/part_list.html", frame, context)
    return render(request, "managing/users.html", frame, context | _to_do(request, frame))


@rule(Permission.PEOPLE_GRANT)
@require_GET
@with_terms
def as_csv(request: ScoreportRequest, address: str) -> StreamingHttpResponse:
    """Send exactly the roles that are shown, all pages of them, as CSV with guarded cells."""
    frame = frame_of(request, address)
    query = UsersForm(request.GET).query()
    total = users_of(request.actor, frame.organization, query, request.at, limit=0).total
    rows = all_users(request.actor, frame.organization, query, request.at)
    note_users_seen(request.actor, organization=frame.organization, rows=total, as_file=True, at=request.at)
    response = StreamingHttpResponse(csv_lines(_HEADER, _cells(rows)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="access-{frame.organization.id}.csv"'
    return response


def _cells(rows: Iterator[HeldRole]) -> Iterator[tuple[object, ...]]:
    for role in rows:
        yield (
            role.name, role.email, role.role.label, role.organization.name, role.organization.ai_code or None,
            role.granted_by, _when(role, role.granted_at), role.ends_on, role.last_used_on,
            words.state_label(role), _("yes") if role.is_unused else _("no"), role.revoked_by or None,
            role.revoked_at and _when(role, role.revoked_at),
        )  # fmt: skip


def _when(role: HeldRole, at: dt.datetime) -> str:
    return local(at, role.organization.time_zone).isoformat(timespec="seconds")


def _entry(request: ScoreportRequest, frame: Frame, form: UsersForm, role: HeldRole) -> Entry:
    state = words.state_tag(role)
    if not frame.may_grant:
        return Entry(role, state)
    is_handed_out = role.role in K12_ROLES
    if role.revoked_at is not None and not is_handed_out:
        return Entry(role, state)
    if role.revoked_at is not None:
        again = reverse("managing_assign", args=[role.organization.address])
        return Entry(role, state, assign_url=f"{again}?{_asked_again(role)}")
    gains = role.ends_on < latest_end(role.organization, request.at)
    return Entry(
        role,
        state,
        renew_url=_act(frame, form, "managing_renew", role) if gains else "",
        change_url=_act(frame, form, "managing_change", role) if role.is_active and is_handed_out else "",
        revoke_url=_act(frame, form, "managing_revoke", role) if role.is_active else "",
    )


def _act(frame: Frame, form: UsersForm, name: str, role: HeldRole) -> str:
    """Return the address of an act; it comes back to the same part of the list."""
    return reverse(name, args=[frame.organization.address, role.id]) + form.kept()


def _asked_again(role: HeldRole) -> str:
    return urlencode({"email": role.email, "roles": role.role.value})


def _columns(form: UsersForm, query: UsersQuery) -> dict[str, Column]:
    labels = {
        Order.NAME: _("Name"),
        Order.ROLE: _("Role"),
        Order.ORGANIZATION: _("Organization"),
        Order.GRANTED: _("Granted"),
        Order.ENDS: _("Last day"),
        Order.USED: _("Last used"),
    }

    def column(order: Order) -> Column:
        is_chosen = order is query.order
        again = f"-{order.value}" if is_chosen and not query.descending else order.value
        column = Column(label=labels[order], url=form.kept(sort=again, page=None) or "?")
        if not is_chosen:
            return column
        return replace(column, direction="descending" if query.descending else "ascending")

    return {order.value: column(order) for order in Order}


def _choices(request: ScoreportRequest, frame: Frame, form: UsersForm, query: UsersQuery) -> dict[str, object]:
    """Offer the lists and the roles with their numbers."""
    counts = count_users(request.actor, frame.organization, query, request.at)

    def state(shown: Shown) -> List:
        url = form.kept(state=None if shown is Shown.ACTIVE else shown.value, page=None) or "?"
        return List(words.list_title(shown), url, shown is query.shown, counts.of(shown))

    return {
        "lists": [state(shown) for shown in Shown],
        "roles": _roles(counts),
        "orders": _orders(query),
        "chosen_order": form.cleaned_data.get("sort") or "",
        "has_under": query.with_under or has_under(frame.organization),
    }


def _orders(query: UsersQuery) -> list[tuple[str, str]]:
    """Offer by what to read the list; the columns turn each of them around."""
    offered = {Order.ROLE: _("By role"), Order.ENDS: _("By last day"), Order.USED: _("By last use")}
    if query.with_under:
        offered[Order.ORGANIZATION] = _("By organization")
    listed = [("", _("By person")), *((order.value, label) for order, label in offered.items())]
    if query.order not in {Order.NAME, *offered} or query.descending:
        sign = "-" if query.descending else ""
        listed.append((f"{sign}{query.order.value}", _("As chosen in the table")))
    return listed


def _roles(counts: UserCounts) -> list[tuple[str, str]]:
    return [("", _("All roles")), *((role.value, f"{role.label} ({counts.by_role[role]})") for role in K12_ROLES)]


def _to_do(request: ScoreportRequest, frame: Frame) -> dict[str, object]:
    """Say what wants to be done at the institution; to those who may do it."""
    if not frame.may_grant:
        return {"managers": None, "review": None, "requests": 0}
    own = count_users(request.actor, frame.organization, UsersQuery(), request.at)
    return {
        "managers": own.by_role[Role.ACCESS_MANAGER],
        "review": open_review(request.actor, frame.organization),
        "requests": count_open_requests(request.actor, frame.organization),
    }
