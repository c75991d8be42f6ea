"""The label of the package in Django."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "scoreport.approvals"
    label = "approvals"
