"""Sentences of Managing Access: lists, warnings and the state of a role in words."""

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import Role
from scoreport.organizations.rules.requests import AnswerState
from scoreport.organizations.rules.users import HeldRole, Shown

TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]


def list_title(shown: Shown) -> str:
    """Return the name of a list of roles."""
    return {
        Shown.ACTIVE: _("Active"),
        Shown.ENDING: _("Ending soon"),
        Shown.UNUSED: _("Unused"),
        Shown.OVER: _("Over"),
    }[shown]


def list_meaning(shown: Shown) -> str:
    """Say what a list holds, where its name does not."""
    return {
        Shown.ACTIVE: "",
        Shown.ENDING: _("Roles that end within 30 days. Renew those that are still needed."),
        Shown.UNUSED: _(
            "Roles that opened nothing for 90 days. Revoke those that nobody needs; they can be assigned again."
        ),
        Shown.OVER: _("Roles that have ended or were revoked. They open nothing and stay on record."),
    }[shown]


def state_tag(role: HeldRole) -> tuple[str, TagKind] | None:
    """Return what is to be said of the end of a role, as a tag; nothing while it has long to go."""
    if role.revoked_at is not None:
        return _("Revoked"), "neutral"
    if not role.is_active:
        return _("Ended"), "neutral"
    if not role.is_ending:
        return None
    told = ngettext("Ends in %(days)d day", "Ends in %(days)d days", role.days_left) % {"days": role.days_left}
    return told if role.days_left else _("Ends today"), "warning"


def state_label(role: HeldRole) -> str:
    """Return the state of a role for a file."""
    if role.is_active:
        return _("active")
    return _("ended") if role.revoked_at is None else _("revoked")


def role_meaning(role: Role) -> str:
    """Say what a role opens, for those who hand it out."""
    return {
        Role.ACCESS_MANAGER: _("hands out roles here and under it; opens no report by that alone"),
        Role.DETAILED_REPORTS: _("opens reports with students’ names and scores, and exports them"),
        Role.SUMMARY_REPORTS: _("shows rounded totals, not students"),
        Role.FILE_DOWNLOADS: _("is for raw data files; opens no report"),
        Role.CLEP_COORDINATOR: _("orders exam vouchers, downloads their codes and voids them; opens no report"),
        Role.CLEP_ALTERNATE: _("does what the CLEP coordinator does when they are away; opens no report"),
        Role.CLEP_BILLING: _("sees voucher orders and what they can cost, without codes; opens no report"),
    }.get(role, "")


def answer_label(state: AnswerState) -> tuple[str, TagKind]:
    """Return where a request stands, as a tag."""
    labels: dict[AnswerState, tuple[str, TagKind]] = {
        AnswerState.OPEN: (_("Open"), "waiting"),
        AnswerState.GRANTED: (_("Granted"), "done"),
        AnswerState.DECLINED: (_("Declined"), "neutral"),
        AnswerState.WITHDRAWN: (_("Withdrawn"), "neutral"),
    }
    return labels[state]
