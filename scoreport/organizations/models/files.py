"""What files say of organizations: every version of every row, and which file asserts it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.imports.models import Assertion, Version
from scoreport.lib.fields import CodeText


class OrganizationVersion(Version):
    """One wording of one organization in a file; columns that the file lacks are None: it says nothing of them."""

    code = CodeText()
    kind = CodeText()
    name = models.TextField()
    parent = CodeText(blank=True, default="")
    ai_code = CodeText(blank=True, default="")
    city = models.TextField(blank=True, default="")
    state = CodeText(blank=True, default="")
    zip = CodeText(blank=True, default="")
    time_zone = models.TextField(null=True, blank=True)
    contact_name = models.TextField(null=True, blank=True)
    contact_email = models.TextField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_current=True), name="organization_version_one_current"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["code"], condition=Q(is_current=False), name="organization_version_old")
        ]

    def __str__(self) -> str:
        return self.code


class OrganizationAssertion(Assertion):
    """One accepted row of a file of organizations: it says that its version is so."""
