"""Requests in words."""

from typing import Literal

from django.utils.translation import gettext as _

from scoreport.organizations.rules.codes import Tool
from scoreport.organizations.rules.requests import AnswerState, RequestInfo

TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]

TAGS: dict[AnswerState, TagKind] = {
    AnswerState.OPEN: "waiting",
    AnswerState.GRANTED: "done",
    AnswerState.DECLINED: "problem",
    AnswerState.WITHDRAWN: "neutral",
}


def state_label(state: AnswerState) -> str:
    """Say where a request stands."""
    return {
        AnswerState.OPEN: _("Waiting for an answer"),
        AnswerState.GRANTED: _("Granted"),
        AnswerState.DECLINED: _("Declined"),
        AnswerState.WITHDRAWN: _("Withdrawn"),
    }[state]


def wish(info: RequestInfo) -> str:
    """Say what was asked for."""
    return info.role.label if info.role else _("Access code: %(tool)s") % {"tool": Tool.MANAGING_ACCESS.label}
