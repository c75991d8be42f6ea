"""The kinds and states of requests for approval in words, and where each kind is done after it was approved."""

from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport.approvals.rules import ApprovalInfo, ApprovalKind, ApprovalState
from scoreport.reports.rules import program_of_stored
from scoreport.web.report_paths import report_path

TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]

TAGS: Final[dict[ApprovalState, TagKind]] = {
    ApprovalState.OPEN: "waiting",
    ApprovalState.APPROVED: "done",
    ApprovalState.USED: "neutral",
    ApprovalState.DECLINED: "problem",
    ApprovalState.WITHDRAWN: "neutral",
    ApprovalState.EXPIRED: "neutral",
}


def _roster_url(info: ApprovalInfo) -> str:
    """Return the report whose export was approved, with the same filters and columns."""
    return f"{report_path(info.organization, program_of_stored(info.parameters))}?{info.parameters['query']}"


def _file_rows(info: ApprovalInfo) -> str:
    file, kind = info.parameters.get("file"), info.parameters.get("list")
    return reverse("desk_rows_whole", args=[file, kind]) if file and kind else reverse("desk_more_rows")


def _code_page(info: ApprovalInfo) -> str:
    """Return the page on which an approved access code is issued."""
    given = info.parameters
    if given.get("how") == "email":
        return reverse("access_code_request", args=[given["request"]])
    if given.get("how") == "paper-bulk":
        chosen = {"count": "yes", "under": info.organization, "how": "paper"}
        ticked = {"without": "on"} if given["without"] else {}
        return f"{reverse('access_codes_many')}?{urlencode(chosen | ticked)}"
    return reverse("access_codes_of", args=[info.organization])


CONTINUE_AT: Final[dict[ApprovalKind, Callable[[ApprovalInfo], str]]] = {
    ApprovalKind.CODE_DELIVERY: _code_page,
    ApprovalKind.CONTACT_CHANGE: lambda info: reverse("access_code_contact", args=[info.organization]),
    ApprovalKind.FILE_ROWS: _file_rows,
    ApprovalKind.ROSTER_EXPORT: _roster_url,
}
"""The address where the person who asked does what was approved, by kind."""


def state_label(state: ApprovalState) -> str:
    """Return a state in words."""
    return {
        ApprovalState.OPEN: _("Waiting for approval"),
        ApprovalState.APPROVED: _("Approved"),
        ApprovalState.USED: _("Approved and done"),
        ApprovalState.DECLINED: _("Not approved"),
        ApprovalState.WITHDRAWN: _("Withdrawn"),
        ApprovalState.EXPIRED: _("Expired"),
    }[state]


def kind_label(kind: ApprovalKind) -> str:
    """Return a kind in words."""
    return {
        ApprovalKind.CODE_DELIVERY: _("Access code"),
        ApprovalKind.CONTACT_CHANGE: _("Contact on file"),
        ApprovalKind.FILE_ROWS: _("Rows of a score file"),
        ApprovalKind.ROSTER_EXPORT: _("Roster export"),
    }[kind]


def continue_url(info: ApprovalInfo) -> str:
    """Return where an approved act is done, or nothing."""
    build = CONTINUE_AT.get(info.kind)
    return build(info) if build and info.state is ApprovalState.APPROVED else ""
