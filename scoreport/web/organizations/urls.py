"""The page behind "Find another organization"."""

from django.urls import path

from scoreport.web.organizations import views

urlpatterns = [
    path("organizations/", views.organizations, name="organization_search"),
]
