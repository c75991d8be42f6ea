from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "scoreport.support"
    label = "support"
