"""Mounted by the composition root in development only."""

from django.urls import path

from scoreport.web.style import views

urlpatterns = [
    path("", views.style, name="style"),
    path("job/", views.job, name="style_job"),
]
