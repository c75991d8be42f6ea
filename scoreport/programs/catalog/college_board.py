"""Codes that College Board programs share in their files: the derived codes of the student data files (reference 2.2).

The CLEP report's own words for them are not public; these come from the same portal.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from scoreport.programs.rules import CodeTable

GENDERS: Final = CodeTable(
    _("Gender"),
    {
        "F": _("Female"),
        "M": _("Male"),
        "A": _("Another"),
        "U": _("No response"),
    },
    unanswered=frozenset({"U"}),
    sorted_by_label=True,
)

ETHNICITIES: Final = CodeTable(
    _("Ethnicity"),
    {
        "1": _("American Indian/Alaska Native"),
        "2": _("Asian"),
        "3": _("Black/African American"),
        "4": _("Hispanic/Latino"),
        "8": _("Native Hawaiian/Pacific Islander"),
        "9": _("White"),
        "12": _("Two or more races"),
        "10": _("Other"),
        "0": _("No response"),
    },
    unanswered=frozenset({"0"}),
    sorted_by_label=True,
)

# Told by the test takers themselves, so a grade is a hint. The codes 3 and 9 are not used.
GRADES: Final = CodeTable(
    _("Grade"),
    {
        "1": _("Below 8th grade"),
        "2": _("8th grade"),
        "4": _("9th grade"),
        "5": _("10th grade"),
        "6": _("11th grade"),
        "7": _("12th grade"),
        "12": _("First year of college"),
        "13": _("Second year of college"),
        "8": _("No longer in high school"),
        "11": _("Unknown"),
        "10": _("No response"),
    },
    unanswered=frozenset({"10", "11"}),
)
