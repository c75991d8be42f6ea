"""Requests for access: what can be asked for, and where a request stands; pure."""

from enum import StrEnum


class Asked(StrEnum):
    """What somebody asks for."""

    CODE = "code"
    ROLE = "role"


class AnswerState(StrEnum):
    """Open → granted or declined, or withdrawn by whoever asked."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
