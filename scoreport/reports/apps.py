from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "scoreport.reports"
    label = "reports"
