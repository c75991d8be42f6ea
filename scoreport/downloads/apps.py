"""The label of the package in Django."""

from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    name = "scoreport.downloads"
    label = "downloads"
