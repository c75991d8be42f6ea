"""The layout ``clep-scores-1`` of CLEP score files: 20 columns (docs/guides/load-scores.md).

Rules of the values: reference college_board.md 1.1 (exams, 20–80), 2.2 (codes).
"""

import re
from typing import Final

from django.utils.translation import gettext_lazy

from scoreport.imports.layout import Column, Kind, Layout
from scoreport.programs.catalog.clep import CLEP
from scoreport.programs.rules import ScoreStatus

_NO_CODE: Final = gettext_lazy("There is no such code. Use one of %(codes)s, or leave the cell empty for no response.")
_NO_EXAM: Final = gettext_lazy("There is no CLEP exam with this code. Compare it with the list of exam codes.")
_NO_DATE: Final = gettext_lazy("The date is missing. Write it as YYYY-MM-DD.")
_NOT_A_DATE: Final = gettext_lazy("This is not a valid date. Use YYYY-MM-DD.")
_CANCELED: Final = ScoreStatus.CANCELED.value
# What senders write for a score that counts no more, for good or until something is found out.
_CANCELED_WORDS: Final = dict.fromkeys(
    ("canceled", "cancelled", "cancel", "withheld", "withdrawn", "invalidated", "under investigation"), _CANCELED
)
_GENDER_WORDS: Final = {"female": "F", "male": "M", "another": "A", "no response": "U"}


def _day(name: str, *, required: bool = True) -> Column:
    return Column(name, Kind.DAY, required=required, missing=_NO_DATE, wrong=_NOT_A_DATE)


CLEP_SCORES: Final = Layout(
    "clep-scores",
    1,
    (
        Column(
            "registration_ticket_number",
            Kind.IDENTIFIER,
            required=True,
            pattern=re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,39}", re.ASCII),
            missing=gettext_lazy(
                "The registration ticket number is missing. Every test has one; ask the sender for it."
            ),
            wrong=gettext_lazy("This is not a registration ticket number: up to 40 letters and digits without spaces."),
        ),
        Column("first_name", Kind.NAME),
        Column("middle_initial", Kind.NAME),
        Column(
            "last_name",
            Kind.NAME,
            required=True,
            missing=gettext_lazy("The last name is missing. Put a student's only name into this column."),
        ),
        Column("gender", Kind.CHOICE, codes=tuple(CLEP.genders), words=_GENDER_WORDS, default="U", wrong=_NO_CODE),
        Column("ethnicity", Kind.CHOICE, codes=tuple(CLEP.ethnicities), default="0", wrong=_NO_CODE),
        _day("date_of_birth"),
        Column("grade", Kind.CHOICE, codes=tuple(CLEP.grades), default="10", wrong=_NO_CODE),
        Column(
            "ai_code",
            Kind.DIGITS,
            digits=6,
            wrong=gettext_lazy(
                "An AI code has six digits; leading zeros may be lost. Leave it empty if there is none."
            ),
        ),
        Column("voucher_code", Kind.IDENTIFIER),
        _day("date_registered"),
        _day("date_tested"),
        Column("test_center_code"),
        Column("test_center_name"),
        Column("test_center_city"),
        Column(
            "exam_code",
            Kind.CHOICE,
            codes=tuple(exam.code for exam in CLEP.exams),
            required=True,
            missing=_NO_EXAM,
            wrong=_NO_EXAM,
        ),
        Column("exam_subject"),
        Column(
            "score",
            Kind.NUMBER,
            lowest=CLEP.main.lowest,
            highest=CLEP.main.highest,
            words=_CANCELED_WORDS,
            wrong=gettext_lazy(
                "A CLEP score is a whole number from %(lowest)d to %(highest)d. For a canceled score, write CANCELED."
            ),
        ),
        _day("date_scored", required=False),
        Column(
            "status",
            Kind.CHOICE,
            may_be_absent=True,
            codes=(_CANCELED, "scored"),
            words=_CANCELED_WORDS,
            wrong=gettext_lazy("There is no such status. Write CANCELED for a canceled score, or leave it empty."),
        ),
    ),
)
