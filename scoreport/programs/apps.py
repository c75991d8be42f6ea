from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "scoreport.programs"
    label = "programs"
