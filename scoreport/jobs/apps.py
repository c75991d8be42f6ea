"""The label of the package in Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "scoreport.jobs"
    label = "jobs"
