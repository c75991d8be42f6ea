"""The label of the package in Django."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "scoreport.outbox"
    label = "outbox"
