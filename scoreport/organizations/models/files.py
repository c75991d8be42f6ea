"""What files say of organizations: every version of every row, and which file asserts it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText


class OrganizationVersion(models.Model):
    """One wording of one organization in a file; columns that the file lacks are None: it says nothing of them."""

    code = CodeText()
    row_hash = models.BigIntegerField()
    is_current = models.BooleanField()
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


class OrganizationAssertion(models.Model):
    """One accepted row of one file: it says that its version is so."""

    file_id = models.BigIntegerField()
    line = models.BigIntegerField()
    version_id = models.BigIntegerField()
    # An ``imports.rules.Effect``.
    kind = CodeText()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["file_id", "line"], name="organization_assertion_file"),
            models.Index(fields=["version_id"], name="organization_assertion_version"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line}"
