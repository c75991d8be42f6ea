"""The addresses of support access: the institution's page, the desk's page, and the one click that ends it."""

from django.urls import path

from scoreport.web import converters  # noqa: F401 - registers "number"
from scoreport.web.supportaccess import views

urlpatterns = [
    path("managing/<str:address>/support/", views.managing, name="managing_support"),
    path("managing/<str:address>/support/allow/", views.allow, name="managing_support_allow"),
    path("desk/support/", views.desk, name="desk_support"),
    path("desk/support/<number:support_id>/begin/", views.begin, name="desk_support_begin"),
    path("support-access/<number:support_id>/end/", views.end, name="support_end"),
]
