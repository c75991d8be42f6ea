"""The words for what a request is about and where it stands."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from scoreport.support.queries.requests import RequestInfo
from scoreport.support.rules.requests import Kind, RequestState

_SHAPES: Final = {RequestState.OPEN: "waiting", RequestState.ANSWERED: "done", RequestState.CLOSED: "neutral"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of request: its name, when to choose it, what to write, and whether it needs years and a title."""

    kind: Kind
    label: str
    when: str
    prompt: str
    asks_years: bool = False
    needs_all: bool = False


def subjects() -> list[Subject]:
    """Return the kinds in the order in which they are offered, in the reader's language."""
    return [*_about_scores(), *_about_access(), _anything_else()]


def _about_scores() -> list[Subject]:
    return [
        Subject(
            Kind.REPORT,
            _("Question about a report"),
            _("A number looks wrong, or you do not know what it means."),
            _("Which number, exam or row, and what did you expect?"),
            asks_years=True,
        ),
        Subject(
            Kind.MISSING_SCORES,
            _("Missing CLEP score data"),
            _("A student took an exam, and the report does not show it."),
            _(
                "How many students, which exams and about when? Name the registration ticket or the voucher if you"
                " have it."
            ),
            asks_years=True,
        ),
        Subject(
            Kind.OLDER_DATA,
            _("Older CLEP data"),
            _("Scores from before the academic years that the report offers."),
            _("Which scores do you need, and what for?"),
            asks_years=True,
            needs_all=True,
        ),
        Subject(
            Kind.CORRECTION,
            _("Correct a name, a birth date or a school"),
            _("A student’s data is wrong, or stands under the wrong school."),
            _("What is wrong, and what is right? Name the registration ticket if you have it."),
        ),
    ]


def _about_access() -> list[Subject]:
    return [
        Subject(
            Kind.ACCESS_MANAGER,
            _("Who is our access manager?"),
            _("The person at your school or district who hands out roles. You see it at once."),
            _("What have you tried?"),
        ),
        Subject(
            Kind.ACCESS_CODE,
            _("Access code"),
            _("Your institution has no access manager yet, or its code does not work."),
            _("Which institution is it for, and what happened?"),
        ),
    ]


def _anything_else() -> Subject:
    return Subject(
        Kind.OTHER,
        _("Something else"),
        _("Anything that the others do not name."),
        _("What do you need?"),
    )


def subject_of(kind: Kind) -> Subject:
    """Return the words of one kind."""
    return next(subject for subject in subjects() if subject.kind is kind)


def kind_label(kind: Kind) -> str:
    """Return the name of a kind."""
    return subject_of(kind).label


def state_label(state: RequestState) -> str:
    """Return the name of a state."""
    return {
        RequestState.OPEN: _("Waiting for an answer"),
        RequestState.ANSWERED: _("Answer given"),
        RequestState.CLOSED: _("Closed"),
    }[state]


def state_tag(info: RequestInfo) -> tuple[str, str]:
    """Return the word for where a request stands and the shape that goes with it."""
    return state_label(info.state), _SHAPES[info.state]


def desk_tag(info: RequestInfo) -> tuple[str, str]:
    """Return the same as the desk sees it: what is late is marked."""
    return (_("Overdue"), "warning") if info.is_overdue else state_tag(info)
