"""Reads of reports: figures, roster, one student, saved views. Scores come through ``scores.queries`` alone."""

from scoreport.reports.queries.own import OwnOfRoster, own_of_roster
from scoreport.reports.queries.report import is_masked, report_of, summary_years
from scoreport.reports.queries.roster import filter_options, roster_page
from scoreport.reports.queries.student import UnknownStudent, sees_student, student_page
from scoreport.reports.queries.views import UnknownView, saved_view, saved_views
from scoreport.reports.queries.years import with_years, year_now, years_offered

__all__ = [
    "OwnOfRoster",
    "UnknownStudent",
    "UnknownView",
    "filter_options",
    "is_masked",
    "own_of_roster",
    "report_of",
    "roster_page",
    "saved_view",
    "saved_views",
    "sees_student",
    "student_page",
    "summary_years",
    "with_years",
    "year_now",
    "years_offered",
]
