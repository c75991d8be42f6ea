"""The label of the package in Django."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "scoreport.organizations"
    label = "organizations"
