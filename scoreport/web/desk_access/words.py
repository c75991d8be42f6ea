"""Codes in words: where they stand, and what became of the mail."""

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.organizations import code_delivery
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.rules.codes import CodeState
from scoreport.organizations.rules.contacts import ContactInfo
from scoreport.outbox.rules import MailState
from scoreport.web.formats import moment, number

TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]

TAGS: dict[CodeState, TagKind] = {
    CodeState.OPEN: "info",
    CodeState.USED: "done",
    CodeState.REVOKED: "neutral",
    CodeState.OVER: "neutral",
}


def state_label(state: CodeState) -> str:
    """Say where a code stands."""
    return {
        CodeState.OPEN: _("Not used yet"),
        CodeState.USED: _("Used"),
        CodeState.REVOKED: _("Revoked"),
        CodeState.OVER: _("Its year is over"),
    }[state]


def mail_problem(state: MailState | None) -> str:
    """Say that a mail did not arrive; nothing when it did, or when there is none."""
    return {MailState.BOUNCED: _("The mail came back"), MailState.GIVEN_UP: _("The mail could not be sent")}.get(
        state or MailState.SENT, ""
    )


def contact_problem(place: OrganizationInfo, contact: ContactInfo) -> str:
    """Say why no code can be emailed to the contact on file; nothing when one can."""
    return code_delivery.why_not(place, contact.problem, contact.codes_from, write=moment) if contact.problem else ""


def institutions(count: int) -> str:
    """Write a number of institutions."""
    return ngettext("%(count)s institution", "%(count)s institutions", count) % {"count": number(count)}


def codes(count: int) -> str:
    """Write a number of access codes."""
    return ngettext("%(count)s access code", "%(count)s access codes", count) % {"count": number(count)}
