"""The label of the package in Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "scoreport.audit"
    label = "audit"
