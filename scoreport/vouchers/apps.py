from django.apps import AppConfig


class VouchersConfig(AppConfig):
    name = "scoreport.vouchers"
    label = "vouchers"
