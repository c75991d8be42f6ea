"""Support access: an access manager lets one of the program staff look, for one ticket and a few hours."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization


class SupportGrant(models.Model):
    """Read-only sight of one organization for one ticket; whoever of the program staff begins it first has it.

    It ends at ``ends_at``, eight hours after it was given at the latest, or when somebody ends it.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="support_grants")
    ticket = CodeText()
    reason = models.TextField(blank=True, default="")
    granted_at = models.DateTimeField()
    granted_by = models.TextField()
    ends_at = models.DateTimeField()
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="support_grants"
    )
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("granted_at")), name="support_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(staff__isnull=True, begun_at__isnull=True) | Q(staff__isnull=False, begun_at__isnull=False),
                name="support_begun_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="support_ended_by_someone",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organization", "ends_at"], name="support_organization")]

    def __str__(self) -> str:
        return f"{self.organization_id} for {self.ticket}"
