"""The sentences of invitations: states, groups, what becomes of a line of a list."""

from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import Role
from scoreport.organizations.rules.invitations import InvitationGroup, InvitationInfo, InvitationState, Outlook
from scoreport.web.formats import number

TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]

TAGS: Final[dict[InvitationState, TagKind]] = {
    InvitationState.WAITING: "waiting",
    InvitationState.SENT: "waiting",
    InvitationState.OPENED: "info",
    InvitationState.BOUNCED: "problem",
    InvitationState.UNBACKED: "warning",
    InvitationState.EXPIRED: "warning",
    InvitationState.ACCEPTED: "done",
    InvitationState.CANCELLED: "neutral",
}

OUTLOOK_TAGS: Final[dict[Outlook, TagKind]] = {
    Outlook.NEW: "done",
    Outlook.HELD: "neutral",
    Outlook.OPEN: "neutral",
    Outlook.REPEATED: "neutral",
}


def state_label(state: InvitationState) -> str:
    """Return a state as people read it."""
    return {
        InvitationState.WAITING: _("Waiting to be sent"),
        InvitationState.SENT: _("Sent"),
        InvitationState.OPENED: _("Opened"),
        InvitationState.BOUNCED: _("Came back"),
        InvitationState.UNBACKED: _("Opens nothing"),
        InvitationState.EXPIRED: _("Expired"),
        InvitationState.ACCEPTED: _("Accepted"),
        InvitationState.CANCELLED: _("Cancelled"),
    }[state]


def state_meaning(info: InvitationInfo) -> str:
    """Say what a state means for whoever sent the invitation, where its name does not."""
    reason = info.reason or _("the mail server gave no reason")
    return {
        InvitationState.BOUNCED: _("The mail could not be delivered: %(reason)s") % {"reason": reason},
        InvitationState.UNBACKED: _("Whoever sent it may not give access here any more. Send it again in your name."),
        InvitationState.OPENED: _("The link was opened, but not accepted yet."),
    }.get(info.state, "")


def group_label(group: InvitationGroup) -> str:
    """Return the name of a part of the list."""
    return {
        InvitationGroup.OUTSTANDING: _("Outstanding"),
        InvitationGroup.BOUNCED: _("Came back"),
        InvitationGroup.EXPIRED: _("Expired"),
        InvitationGroup.ACCEPTED: _("Accepted"),
        InvitationGroup.CANCELLED: _("Cancelled"),
    }[group]


def role_meaning(role: Role) -> str:
    """Say in a few words what a role opens."""
    return {
        Role.ACCESS_MANAGER: _("invites people and hands out roles; opens no report"),
        Role.DETAILED_REPORTS: _("students by name with their scores, and exports"),
        Role.SUMMARY_REPORTS: _("figures without names"),
        Role.FILE_DOWNLOADS: _("raw data files; opens no report"),
    }[role]


def outlook_label(outlook: Outlook) -> str:
    """Say what becomes of a line of a list."""
    return {
        Outlook.NEW: _("Gets an invitation"),
        Outlook.HELD: _("Has it already"),
        Outlook.OPEN: _("Is invited already"),
        Outlook.REPEATED: _("Stands above already"),
    }[outlook]


def invitations(count: int) -> str:
    """Write a number of invitations."""
    return ngettext("%(count)s invitation", "%(count)s invitations", count) % {"count": number(count)}


def problems(count: int) -> str:
    """Say that a list has problems, and what follows from it."""
    told = ngettext(
        "The list has %(count)s problem, so nobody was invited. Put it right and send the list again.",
        "The list has %(count)s problems, so nobody was invited. Put them right and send the list again.",
        count,
    )
    return told % {"count": number(count)}
