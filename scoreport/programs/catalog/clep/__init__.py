"""CLEP: 34 exams and six retired ones, with what ACE recommends (reference 1.1 and 6).

Exam codes are those of a state's match file; Spanish with Writing has no public code, so `77W` is ours.
The day on which a recommendation changed is not public for every exam. ACE's National Guide gives the periods
of the literature exams (a new one from 1 March 2015) and of the others (a new one from 1 January 2023); where the
older pages give another value, these days separate the two.
"""

import datetime as dt
from typing import Final

from django.utils.translation import gettext_lazy as _

from scoreport.programs.catalog import college_board
from scoreport.programs.rules import (
    CREDIT_GRANTING_SCORE,
    CreditLevel,
    Cut,
    EssayKind,
    Exam,
    ExamGroup,
    Measure,
    MeasureKind,
    Program,
    Recommendation,
    ReleasePolicy,
)

_SINCE_COMPUTERS: Final = dt.date(2001, 7, 1)
_LITERATURE_REVIEWED: Final = dt.date(2015, 3, 1)
_LANGUAGES_REVIEWED: Final = dt.date(2023, 1, 1)

BUSINESS: Final = ExamGroup("business", _("Business"))
COMPOSITION: Final = ExamGroup("composition-literature", _("Composition and Literature"))
LANGUAGES: Final = ExamGroup("world-languages", _("World Languages"))
HISTORY: Final = ExamGroup("history-social-sciences", _("History and Social Sciences"))
SCIENCE: Final = ExamGroup("science-mathematics", _("Science and Mathematics"))


def _ace(hours: int, *, since: dt.date = _SINCE_COMPUTERS) -> Recommendation:
    return Recommendation(since, (CreditLevel(1, CREDIT_GRANTING_SCORE, hours),))


def _ace_levels(second_score: int, second_hours: int, *, since: dt.date = _SINCE_COMPUTERS) -> Recommendation:
    """Return the recommendation for a language: one score, of which level 2 is a second, higher cut."""
    levels = (CreditLevel(1, CREDIT_GRANTING_SCORE, 6), CreditLevel(2, second_score, second_hours))
    return Recommendation(since, levels)


_THREE: Final = (_ace(3),)
_FOUR: Final = (_ace(4),)
_SIX: Final = (_ace(6),)
# Older tables give six hours; one copy of the present page still does for English Literature.
_LITERATURE: Final = (_ace(6), _ace(3, since=_LITERATURE_REVIEWED))

_BUSINESS: Final = (
    Exam("89", "FINACC", "Financial Accounting", BUSINESS, recommendations=_THREE, b_levels=(65,)),
    Exam(
        "68",
        "INFOSYST",
        "Information Systems",
        BUSINESS,
        recommendations=_THREE,
        b_levels=(66,),
        former_titles=("Information Systems and Computer Applications",),
    ),
    Exam("17", "BUSLAW", "Introductory Business Law", BUSINESS, recommendations=_THREE, b_levels=(57,)),
    Exam("74", "MANAGEMNT", "Principles of Management", BUSINESS, recommendations=_THREE, b_levels=(63,)),
    Exam("69", "MRKTING", "Principles of Marketing", BUSINESS, recommendations=_THREE, b_levels=(65,)),
)

_COMPOSITION: Final = (
    Exam("37", "AMLIT", "American Literature", COMPOSITION, EssayKind.OPTIONAL, _LITERATURE, (53,)),
    Exam(
        "81", "LITINTERP", "Analyzing and Interpreting Literature", COMPOSITION, EssayKind.OPTIONAL, _LITERATURE, (59,)
    ),
    Exam("91", "COMPOSN", "College Composition", COMPOSITION, EssayKind.CENTRAL, _SIX, (59,)),
    Exam("92", "COMPOSNM", "College Composition Modular", COMPOSITION, EssayKind.OPTIONAL, _THREE, (60,)),
    Exam("20", "ENGLIT", "English Literature", COMPOSITION, EssayKind.OPTIONAL, _LITERATURE, (63,)),
    Exam("4", "HUMANTS", "Humanities", COMPOSITION, recommendations=_THREE, b_levels=(55,)),
)

_LANGUAGES: Final = (
    Exam(
        "76",
        "FRENCH",
        "French Language",
        LANGUAGES,
        recommendations=(_ace_levels(59, 9), _ace_levels(62, 9, since=_LANGUAGES_REVIEWED)),
        b_levels=(64, 69),
    ),
    Exam("75", "GERMAN", "German Language", LANGUAGES, recommendations=(_ace_levels(60, 9),), b_levels=(59, 67)),
    # Its B-level of level 2 was not found, nor any of Spanish with Writing, whose short name is ours too.
    Exam("77", "SPANISH", "Spanish Language", LANGUAGES, recommendations=(_ace_levels(63, 9),), b_levels=(56,)),
    # 12 hours stand in ACE's table; a footnote of the same page says 9 (reference 6: use 12).
    Exam("77W", "SPANISHW", "Spanish with Writing", LANGUAGES, EssayKind.CENTRAL, (_ace_levels(65, 12),)),
)

_HISTORY: Final = (
    Exam("30", "AMGOV", "American Government", HISTORY, recommendations=_THREE, b_levels=(64,)),
    Exam("80", "USHISI", "History of the United States I", HISTORY, recommendations=_THREE, b_levels=(61,)),
    Exam("79", "USHISII", "History of the United States II", HISTORY, recommendations=_THREE, b_levels=(60,)),
    Exam("14", "HUMGRTH", "Human Growth and Development", HISTORY, recommendations=_THREE, b_levels=(58,)),
    Exam("67", "EDPSYCH", "Introduction to Educational Psychology", HISTORY, recommendations=_THREE, b_levels=(63,)),
    Exam("70", "PSYCH", "Introductory Psychology", HISTORY, recommendations=_THREE, b_levels=(55,)),
    Exam("31", "SOCIOL", "Introductory Sociology", HISTORY, recommendations=_THREE, b_levels=(56,)),
    # Its short name was not seen; this one follows its sister's.
    Exam("72", "MACROE", "Principles of Macroeconomics", HISTORY, recommendations=_THREE, b_levels=(62,)),
    Exam("73", "MICROE", "Principles of Microeconomics", HISTORY, recommendations=_THREE, b_levels=(64,)),
    Exam("5", "SOCHIS", "Social Sciences and History", HISTORY, recommendations=_SIX, b_levels=(63,)),
    Exam(
        "65",
        "WESTCVI",
        "Western Civilization I: Ancient Near East to 1648",
        HISTORY,
        recommendations=_THREE,
        b_levels=(55,),
    ),
    Exam(
        "66",
        "WESTCVII",
        "Western Civilization II: 1648 to the Present",
        HISTORY,
        recommendations=_THREE,
        b_levels=(54,),
    ),
)

_SCIENCE: Final = (
    Exam("18", "BIOL", "Biology", SCIENCE, recommendations=_SIX, b_levels=(56,)),
    Exam("62", "CALC", "Calculus", SCIENCE, recommendations=_FOUR, b_levels=(64,)),
    Exam("26", "CHEM", "Chemistry", SCIENCE, recommendations=_SIX, b_levels=(66,)),
    Exam("11", "COLALG", "College Algebra", SCIENCE, recommendations=_THREE, b_levels=(63,)),
    Exam("7", "COLMTH", "College Mathematics", SCIENCE, recommendations=_SIX, b_levels=(63,)),
    Exam("2", "NATSCI", "Natural Sciences", SCIENCE, recommendations=_SIX, b_levels=(66,)),
    Exam("87", "PRECALC", "Precalculus", SCIENCE, recommendations=_THREE, b_levels=(61,)),
)

# They still occur in old data; no recommendation is on record, and their scores are final.
_RETIRED: Final = (
    Exam("8", "", "English Composition", COMPOSITION, retired=True),
    Exam("9", "", "English Composition with Essay", COMPOSITION, retired=True),
    Exam("10", "", "College Algebra-Trigonometry", SCIENCE, retired=True),
    Exam("12", "", "Trigonometry", SCIENCE, retired=True),
    Exam("71", "", "Freshman College Composition", COMPOSITION, retired=True),
    Exam("78", "", "Principles of Accounting", BUSINESS, retired=True),
)

SCORE: Final = Measure(
    key="score",
    label=_("Score"),
    kind=MeasureKind.SCALE,
    lowest=20,
    highest=80,
    bins=tuple(range(20, 80, 5)),
    cuts=(Cut(_SINCE_COMPUTERS, CREDIT_GRANTING_SCORE),),
)

CLEP: Final = Program(
    slug="clep",
    name="CLEP",
    groups=(BUSINESS, COMPOSITION, LANGUAGES, HISTORY, SCIENCE),
    exams=(*_BUSINESS, *_COMPOSITION, *_LANGUAGES, *_HISTORY, *_SCIENCE, *_RETIRED),
    release=ReleasePolicy(),
    measures=(SCORE,),
    genders=college_board.GENDERS,
    ethnicities=college_board.ETHNICITIES,
    grades=college_board.GRADES,
)
