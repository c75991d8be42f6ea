"""Reports: the entry, the report of a program and what hangs under it, saved views."""

from django.urls import path, register_converter

from scoreport.web import converters  # noqa: F401 - registers "number"
from scoreport.web.reports import addresses, exporting, printing, saved, views

register_converter(addresses.ProgramConverter, "program")
register_converter(addresses.OrganizationConverter, "organization")
register_converter(addresses.YearsConverter, "years")

_NOW = "reports/<program:program>/<organization:address>/"
_REPORT = f"{_NOW}<years:years>/"

urlpatterns = [
    path("reports/", views.entry, name="score_reports"),
    path(_NOW, views.report_now, name="report_now"),
    path(_REPORT, views.report, name="report"),
    path(f"{_REPORT}export/", exporting.export, name="report_export"),
    path(f"{_REPORT}export/approval/", exporting.approval, name="report_export_approval"),
    path(f"{_REPORT}print/", printing.print_page, name="report_print"),
    path(f"{_REPORT}students/<student:public_id>/", views.student, name="report_student"),
    path(f"{_REPORT}save/", saved.save, name="report_view_save"),
    path(f"{_NOW}views/", saved.manage, name="report_views"),
    path(f"{_NOW}views/<number:view_id>/rename/", saved.rename, name="report_view_rename"),
    path(f"{_NOW}views/<number:view_id>/delete/", saved.delete, name="report_view_delete"),
    path("reports/views/<slug:slug>/", saved.follow, name="report_view"),
]
