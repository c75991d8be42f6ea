"""The CLEP report: the columns of the College Board portal, in the same order and words."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scoreport.lib.tabular import Kind
from scoreport.programs.catalog.clep import CLEP
from scoreport.reports.rules import columns
from scoreport.reports.rules.columns import RosterColumn, Style
from scoreport.reports.rules.definition import Card, Filter, ReportDefinition, Words


def _chart_label(count: int) -> str:
    return ngettext(
        "%(exam)s: %(tests)s score, %(share)s at 50 or higher",
        "%(exam)s: %(tests)s scores, %(share)s at 50 or higher",
        count,
    )


_WORDS: Final = Words(
    title=_("CLEP report"),
    roster=_("CLEP roster"),
    empty=_("No CLEP scores"),
    taken_so_far=_("%(who)s took a CLEP exam between %(first)s and today."),
    taken=_("%(who)s took a CLEP exam from %(first)s to %(last)s, as far as the files loaded here say."),
    timing=_("Scores arrive one business day after a test; exams with essays take two to three weeks."),
    student=_("All CLEP tests of this student that your roles open, over the years."),
    takers=_("CLEP test takers"),
    ticket=_("Ticket"),
    search=_("Name or ticket number"),
    at_cut=_("50 or higher"),
    below_cut=_("Below 50"),
    at_cut_column=_("At 50 or higher"),
    scores_at_cut=_("Scores of 50 or higher"),
    share=_("Share at 50 or higher"),
    share_of_scores=_("Share of scores of 50 or higher"),
    cut_in_short=_("≥ 50"),
    cut_help=_(
        "50 is the score that the American Council on Education (ACE) recommends for college credit."
        " The portal that schools know calls these scores “above 50”; a 50 counts here as it does there."
    ),
    chart=_("Scores 20–80"),
    chart_label=_chart_label,
)

CLEP_REPORT: Final = ReportDefinition(
    program=CLEP,
    words=_WORDS,
    columns=(
        columns.FIRST_NAME,
        columns.LAST_NAME,
        columns.gender(CLEP),
        columns.ethnicity(CLEP),
        columns.BIRTH_DATE,
        columns.grade(CLEP),
        columns.AI_CODE,
        columns.ticket("registration_ticket_number", _("Registration ticket number")),
        RosterColumn("date_registered", _("Date registered"), "registered_on", kind=Kind.DATE, style=Style.DATE),
        columns.DATE_TESTED,
        RosterColumn("test_center_name", _("Test center name"), "test_center_name", is_free_text=True),
        RosterColumn(
            "test_center_code", _("Test center code"), "test_center_code", style=Style.CODE, is_free_text=True
        ),
        RosterColumn("test_center_city", _("Test center city"), "test_center_city", is_free_text=True),
        RosterColumn("exam_subject", _("Exam subject"), "exam_subject"),
        columns.measure(CLEP, "score"),
        # Not a column of the portal, so it comes last.
        columns.DATE_CANCELED,
    ),
    exam="exam_subject",
    filters=frozenset(Filter),
    cards=tuple(Card),
    charts=("score",),
    student_details=((_("Test center"), "test_center_name"),),
    cut_key="50_or_higher",
    shows_credit=True,
)
