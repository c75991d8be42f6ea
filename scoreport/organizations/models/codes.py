"""Codes that open a tool to an institution, and who tried one."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization
from scoreport.organizations.rules.codes import Tool


class AccessCode(models.Model):
    """A code that lets the first person of an institution into a tool.

    Only its digest is stored; ``hint`` are its last characters, by which people tell codes apart.
    ``year`` is the academic year that the code is for (its first calendar year), None where it has
    no end. A code that is used once has ``used_at``; one that many may use leaves it empty.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="access_codes")
    tool = CodeText(choices=[(t.value, t.value) for t in Tool])
    digest = CodeText()
    hint = CodeText()
    year = models.SmallIntegerField(null=True, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.TextField()
    # Who issued it stays known by number when the name changes; empty for the operator's commands.
    issued_by_id = models.BigIntegerField(null=True, blank=True)
    sent_to = CodeText(blank=True, default="")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.TextField(blank=True, default="")
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest"], name="access_code_once"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="") | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="access_code_revoked_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_by="") | (Q(used_at__isnull=False) & ~Q(used_by="")),
                name="access_code_used_by_someone",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organization", "tool"], name="access_code_organization")]

    def __str__(self) -> str:
        return f"{self.tool} …{self.hint}"


class Redemption(models.Model):
    """That a code opened its tool to somebody: the row behind a redemption, which can be there once only."""

    code = models.OneToOneField(AccessCode, on_delete=models.CASCADE, related_name="redemption")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code_id} {self.user_id}"


class CodeTry(models.Model):
    """Somebody entered a code for an institution; wrong ones are counted and slowed down."""

    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = CodeText(blank=True, default="")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    was_right = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="code_try_at")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.organization_id}"
