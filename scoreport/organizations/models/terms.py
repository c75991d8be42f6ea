"""Which version of the terms and conditions somebody accepted, where and when."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization


class TermsAcceptance(models.Model):
    """Somebody accepted a version of the terms for an organization; kept for ever."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="accepted_terms")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="accepted_terms")
    version = CodeText()
    accepted_at = models.DateTimeField()
    address = CodeText(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organization", "version"], name="terms_accepted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version}"
