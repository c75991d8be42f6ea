"""What people do with reports: open them, take them out as files, keep views of them."""

from scoreport.reports.actions.digests import email_digests, schedule_digests
from scoreport.reports.actions.exports import (
    Export,
    TooManyRows,
    ask_for_export,
    export_log,
    export_roster,
    open_export,
    try_export_again,
)
from scoreport.reports.actions.reading import (
    ReportPage,
    RosterPart,
    open_log,
    open_person_sight,
    open_report,
    open_report_page,
    open_roster,
    open_roster_part,
    open_student,
    open_student_sight,
    report_incident,
)
from scoreport.reports.actions.saved_views import (
    NobodyToKeepItFor,
    ViewNameMissing,
    ViewNameTaken,
    delete_view,
    rename_view,
    save_view,
)

__all__ = [
    "Export",
    "NobodyToKeepItFor",
    "ReportPage",
    "RosterPart",
    "TooManyRows",
    "ViewNameMissing",
    "ViewNameTaken",
    "ask_for_export",
    "delete_view",
    "email_digests",
    "export_log",
    "export_roster",
    "open_export",
    "open_log",
    "open_person_sight",
    "open_report",
    "open_report_page",
    "open_roster",
    "open_roster_part",
    "open_student",
    "open_student_sight",
    "rename_view",
    "report_incident",
    "save_view",
    "schedule_digests",
    "try_export_again",
]
