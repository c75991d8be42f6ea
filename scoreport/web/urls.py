"""The addresses of the pages: one list for each area. An area joins by a line here."""

from django.conf import settings
from django.urls import include, path

from scoreport.web.language import set_language

urlpatterns = [
    path("", include("scoreport.web.accesslog.urls")),
    path("", include("scoreport.web.approvals.urls")),
    path("", include("scoreport.web.dashboard.urls")),
    path("", include("scoreport.web.desk.urls")),
    path("", include("scoreport.web.desk_access.urls")),
    path("", include("scoreport.web.downloads.urls")),
    path("", include("scoreport.web.entry.urls")),
    path("", include("scoreport.web.health.urls")),
    path("", include("scoreport.web.help.urls")),
    path("", include("scoreport.web.invitations.urls")),
    path("", include("scoreport.web.managing.urls")),
    path("", include("scoreport.web.missing.urls")),
    path("", include("scoreport.web.organizations.urls")),
    path("", include("scoreport.web.reports.urls")),
    path("", include("scoreport.web.supportaccess.urls")),
    path("", include("scoreport.web.vouchers.urls")),
    path("account/", include("scoreport.web.account.urls")),
    path("language/", set_language, name="set_language"),
]

if settings.DEBUG:
    urlpatterns.append(path("style/", include("scoreport.web.style.urls")))

if settings.DEMO:
    urlpatterns.append(path("demo/", include("scoreport.web.demo.urls")))
