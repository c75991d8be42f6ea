"""The sentences about missing scores and claims. The command says the same ones."""

from collections.abc import Callable
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _

from scoreport.scores.rules import ClaimState, Evidence, Found, Why
from scoreport.scores.search import Answer, By, Finding

type Day = Callable[[date], str]
TagKind = Literal["done", "waiting", "warning", "problem", "info", "neutral"]

TAGS: dict[Found, TagKind] = {
    Found.RELEASED: "done",
    Found.PENDING: "waiting",
    Found.RELEASED_ON: "waiting",
    Found.WAITING: "waiting",
    Found.CANCELED: "neutral",
    Found.UNATTRIBUTED: "warning",
    Found.OTHER_SCHOOL: "warning",
    Found.QUESTION: "info",
    Found.REFUSED: "problem",
    Found.IN_FILE: "waiting",
    Found.NEVER: "neutral",
    Found.SEVERAL: "neutral",
    Found.NO_CODE: "neutral",
}
CLAIM_TAGS: dict[ClaimState, TagKind] = {
    ClaimState.OPEN: "waiting",
    ClaimState.CONFIRMED: "done",
    ClaimState.DECLINED: "problem",
    ClaimState.UNDONE: "neutral",
}


def state_label(state: Found) -> str:
    """Return a state in a few words."""
    return {
        Found.RELEASED: _("Released"),
        Found.PENDING: _("Score pending"),
        Found.RELEASED_ON: _("Not released yet"),
        Found.WAITING: _("Waiting for readers"),
        Found.CANCELED: _("Canceled"),
        Found.UNATTRIBUTED: _("In no school's report"),
        Found.OTHER_SCHOOL: _("In another school's report"),
        Found.QUESTION: _("Open question"),
        Found.REFUSED: _("Row refused"),
        Found.IN_FILE: _("Not accepted yet"),
        Found.NEVER: _("Nothing on file"),
        Found.SEVERAL: _("Several people have it"),
        Found.NO_CODE: _("No code was entered"),
    }[state]


def sentence(finding: Finding, day: Day) -> str:
    """Say where a test is, and why one may have missed it; ``day`` writes a date."""
    told = _where(finding, day)
    why = _spelling(finding) if finding.state in _MINE else ""
    return f"{told} {why}".strip()


_MINE = frozenset({Found.RELEASED, Found.PENDING, Found.RELEASED_ON, Found.WAITING, Found.CANCELED})


def _where(finding: Finding, day: Day) -> str:
    if finding.state in _MINE:
        return _in_report(finding, day)
    told = {
        Found.QUESTION: lambda: _question(finding, day),
        Found.UNATTRIBUTED: lambda: " ".join((_("On file, but in no school's report."), gap(finding.why))),
        Found.OTHER_SCHOOL: lambda: _elsewhere(finding),
        Found.REFUSED: lambda: _(
            "A loaded file has a row for this test, and the row was refused, so the test is not on file."
            " Program staff can ask the sender for a corrected row."
        ),
        Found.IN_FILE: lambda: " ".join(
            (_("In a file that is checked, and not accepted by program staff yet."), gap(finding.why))
        ),
    }
    return told[finding.state]().strip()


def _in_report(finding: Finding, day: Day) -> str:
    """Say when a test of the asker's own report is, was or should be released, or was canceled."""
    told = {
        Found.RELEASED: _("In the report since %(day)s."),
        Found.PENDING: _("The test is in the report, and its score is not released yet: expect it by %(day)s."),
        Found.RELEASED_ON: _("It will be released on %(day)s. Until then the report lists the test without its score."),
        Found.WAITING: _("The test is in the report, and its essay is with the readers: expect the score by %(day)s."),
        Found.CANCELED: _("The score was canceled on %(day)s. The report lists the test without a score."),
    }
    overdue = {
        Found.PENDING: _("The test is in the report, and its score is overdue: it was expected by %(day)s."),
        Found.WAITING: _(
            "The test is in the report, and its essay is overdue: the score was expected by %(day)s."
            " Program staff see it in their list of overdue essays."
        ),
    }
    words = overdue if finding.why is Why.LATE else told
    sentence = words[finding.state] % {"day": _written(finding, day)}
    return f"{sentence} {_('School: %(school)s.') % {'school': finding.school}}" if finding.school else sentence


def _written(finding: Finding, day: Day) -> str:
    return day(finding.day) if finding.day else _("a day that is not known yet")


def empty_title(answer: Answer) -> str:
    """Say in a few words that no test is listed."""
    return _("Nothing was found") if answer.empty is Found.NEVER else state_label(answer.empty)


def nothing(answer: Answer) -> str:
    """Say why no test is listed."""
    is_ticket = answer.by is By.TICKET
    if answer.empty is Found.SEVERAL:
        if is_ticket:
            return _("Several people have a ticket like this one. Type yours just as it is printed, with its dashes.")
        return _("Several people have this voucher code, so no test is listed. Use the registration ticket.")
    if answer.empty is Found.NO_CODE:
        if is_ticket:
            return _(
                "This is not a ticket: files have values like N/A, NONE or 0000 where there is no number."
                " Use the voucher code, or the name and date of birth."
            )
        return _(
            "This is not a voucher code: files have values like N/A, NONE or 0000 where there is no code."
            " Use the registration ticket, or the name and date of birth."
        )
    return never(answer.by)


def needs_more() -> str:
    """Say what a test of another school is claimed by that was found by a voucher code alone."""
    return _(
        "A voucher code alone is not enough to claim a test of another school. Look for it by the registration ticket,"
        " or by the voucher code with the student's name and date of birth."
    )


def never(by: By) -> str:
    """Say that nothing was found. By name this tells nothing of other schools: there may be something."""
    if by is By.NAME:
        return _(
            "Nothing that you may see is on file under this name and date of birth. Look by the registration ticket or"
            " the voucher code as well: a test that went to another school is found by those only."
        )
    return _(
        "Nothing that you can see yet is on file under this number. Scores arrive one business day after the test, and"
        " exams with essays take two to three weeks. If the number is right and that time has passed, ask program staff"
        " for help."
    )


def _question(finding: Finding, day: Day) -> str:
    asked = {
        Why.BIRTH_DATE_CLOSE: _(
            "it has nearly the date of birth of another entry, and whether the two are one student is an open question."
        ),
        Why.OTHER_PERSON: _(
            "a later file gave its ticket another name and another date of birth, and whether that is one student is an"
            " open question."
        ),
    }
    told = _("In the report since %(day)s, under an entry of its own:") % {"day": _written(finding, day)}
    return f"{told} {asked.get(finding.why, '')} {_('Program staff will answer it.')}"


def gap(why: Why) -> str:
    """Say why a test is not in the report of the school that looks for it."""
    return {
        Why.BLANK: _("Its row names no school."),
        Why.NO_SCHOOL_CODE: _("Its row has a code that means “no high school code” (000003 or 000004)."),
        Why.UNKNOWN_CODE: _("Its AI code is that of no school here."),
        Why.CLOSE_CODE: _(
            "Its AI code looks like yours with a slip: one digit differs, or two stand in each other's place."
        ),
        Why.OTHER_CODE: _("Its row has the AI code of that school."),
    }.get(why, "")


def _elsewhere(finding: Finding) -> str:
    if finding.school:
        where = _("In the report of %(school)s.") % {"school": finding.school}
    else:
        where = _("In the report of another school, whose name you may not see.")
    return f"{where} {gap(finding.why)}"


def _spelling(finding: Finding) -> str:
    """Say how the name or the birth date on file differs from what was typed, where the asker may know."""
    other = {
        Why.OTHER_SPELLING: _("The name is spelled otherwise there."),
        Why.NAMES_SWAPPED: _("First and last name stand in each other's place there. Compare before you rely on it."),
        Why.NAME_CLOSE: _("The name there differs by a slip. It may be somebody else: compare before you rely on it."),
        Why.BIRTH_DATE_CLOSE: _(
            "The date of birth there differs by a slip. It may be somebody else: compare before you rely on it."
        ),
    }.get(finding.why, "")
    if other and finding.name:
        return f"{other} {_('On file: %(name)s.') % {'name': finding.name}}"
    return other


def claim_label(state: ClaimState) -> str:
    """Return the state of a claim as people read it."""
    return {
        ClaimState.OPEN: _("Open"),
        ClaimState.CONFIRMED: _("Confirmed"),
        ClaimState.DECLINED: _("Declined"),
        ClaimState.UNDONE: _("Undone"),
    }[state]


def evidence_sentence(kind: Evidence) -> str:
    """Say what speaks for a claim."""
    return {
        Evidence.NAME: _("Both have one name, but for capitals, accents, hyphens and the order of given names."),
        Evidence.BIRTH_DATE: _("Both have one date of birth."),
        Evidence.CLOSE_CODE: _("The AI code of the row looks like the school's with a slip."),
        Evidence.NO_CODE: _("The row names no school."),
        Evidence.OWN_VOUCHER: _("The school paid for the voucher."),
    }[kind]
