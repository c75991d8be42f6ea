"""Reports: the entry, the CLEP report and what hangs under it, saved views."""

from django.urls import path, register_converter

from scoreport.web import converters  # noqa: F401 - registers "number"
from scoreport.web.reports import addresses, exporting, printing, saved, views

register_converter(addresses.OrganizationConverter, "organization")
register_converter(addresses.YearsConverter, "years")

_NOW = "reports/clep/<organization:address>/"
_REPORT = f"{_NOW}<years:years>/"

urlpatterns = [
    path("reports/", views.entry, name="score_reports"),
    path(_NOW, views.clep_now, name="clep_report_now"),
    path(_REPORT, views.clep, name="clep_report"),
    path(f"{_REPORT}export/", exporting.export, name="clep_export"),
    path(f"{_REPORT}export/approval/", exporting.approval, name="clep_export_approval"),
    path(f"{_REPORT}print/", printing.print_page, name="clep_print"),
    path(f"{_REPORT}students/<student:public_id>/", views.student, name="clep_student"),
    path(f"{_REPORT}save/", saved.save, name="report_view_save"),
    path(f"{_NOW}views/", saved.manage, name="report_views"),
    path(f"{_NOW}views/<number:view_id>/rename/", saved.rename, name="report_view_rename"),
    path(f"{_NOW}views/<number:view_id>/delete/", saved.delete, name="report_view_delete"),
    path("reports/views/<slug:slug>/", saved.follow, name="report_view"),
]
