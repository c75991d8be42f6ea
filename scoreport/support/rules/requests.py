"""What people ask for, where a request stands and until when it is answered; pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from scoreport.lib.business_days import next_business_day
from scoreport.lib.text import clean

FIRST_NUMBER: Final = 1001
"""The number of the first request; a number of four digits is easier to say and to search for than "1"."""
REOPENS_FOR: Final = timedelta(days=30)
MOST_A_DAY: Final = 20
"""Requests that one person may make in 24 hours; more is a script or a stuck key."""
MOST_MESSAGES_A_DAY: Final = 100
"""Messages of one person in 24 hours, over all of their requests."""
LONGEST_TEXT: Final = 5_000
LONGEST_LINE: Final = 200


class Kind(StrEnum):
    """What a request is about. The stored value never changes.

    The kinds take the place of the mails that people are asked to write today, such as "CLEP Institutional
    Reporting – Older Data" (reference: clep_institutional_reporting).
    """

    ACCESS_CODE = "access-code"
    ACCESS_MANAGER = "access-manager"
    CORRECTION = "correction"
    MISSING_SCORES = "missing-scores"
    OLDER_DATA = "older-data"
    REPORT = "report"
    OTHER = "other"


class RequestState(StrEnum):
    """Open → answered → closed; a reply opens it again."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Move(StrEnum):
    """What can happen to a request: a person replies and closes, program staff answer and settle."""

    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"
    REPLY = "reply"
    SETTLE = "settle"


TRANSITIONS: Final[dict[Move, dict[RequestState, RequestState]]] = {
    Move.ANSWER: {
        RequestState.OPEN: RequestState.ANSWERED,
        RequestState.ANSWERED: RequestState.ANSWERED,
    },
    Move.CLOSE: {
        RequestState.OPEN: RequestState.CLOSED,
        RequestState.ANSWERED: RequestState.CLOSED,
    },
    Move.REOPEN: {RequestState.CLOSED: RequestState.OPEN},
    Move.REPLY: {
        RequestState.OPEN: RequestState.OPEN,
        RequestState.ANSWERED: RequestState.OPEN,
        RequestState.CLOSED: RequestState.OPEN,
    },
    # Staff close what they have answered, so that nobody is left with a closed request and no word.
    Move.SETTLE: {RequestState.ANSWERED: RequestState.CLOSED},
}


class Voice(StrEnum):
    """Who speaks in a thread; a note is read by program staff only."""

    PERSON = "person"
    STAFF = "staff"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody sends when they ask; where they stood comes along if they left it in."""

    kind: Kind
    text: str
    name: str
    title: str
    institution: str
    years: str = ""
    organization: str = ""
    page: str = ""
    student: str = ""


def number_of(request_id: int) -> int:
    """Return the number by which people know a request."""
    return request_id + FIRST_NUMBER - 1


def id_of(number: int) -> int:
    """Return the id of the request with a number."""
    return number - FIRST_NUMBER + 1


def after(state: RequestState, move: Move, *, closed_at: datetime | None = None, at: datetime) -> RequestState | None:
    """Return the state that a move leads to; None where it is not possible now.

    A closed request opens again within 30 days of its closing.
    """
    target = TRANSITIONS[move].get(state)
    if state is RequestState.CLOSED and (closed_at is None or at >= closed_at + REOPENS_FOR):
        return None
    return target


def due_on(asked_on: date, business_days: int) -> date:
    """Return the last day for an answer: so many business days after the day of asking, which never counts."""
    day = asked_on
    for _number in range(business_days):
        day = next_business_day(day)
    return day


def tidy(text: str) -> str:
    """Return text of several lines as it is stored: each line clean, no more than one empty line between two."""
    lines: list[str] = []
    for line in map(clean, text.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def local_path(address: str) -> str:
    """Return the path of one of our pages; nothing for any other address.

    The query is cut off: it may hold the name that somebody searched a roster for.
    """
    path = clean(address).partition("?")[0].partition("#")[0]
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_ours and len(path) <= LONGEST_LINE else ""
