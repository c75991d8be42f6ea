"""The first page, and the sign that somebody is still there."""

from django.urls import path

from scoreport.web.dashboard import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("stay/", views.stay, name="session_stay"),
]
