"""The addresses of the access log, and of who can see whom."""

from django.urls import path

from scoreport.web import converters  # noqa: F401 - registers "number"
from scoreport.web.accesslog import views

urlpatterns = [
    path("managing/<str:address>/log/", views.log, name="managing_log"),
    path("managing/<str:address>/log/log.csv", views.as_csv, name="managing_log_csv"),
    path("managing/<str:address>/log/people/<number:person_id>/", views.person, name="managing_log_person"),
    path("students/<student:public_id>/access/", views.student, name="student_sight"),
]
