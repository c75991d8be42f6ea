"""The label of the package in Django."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "scoreport.imports"
    label = "imports"
