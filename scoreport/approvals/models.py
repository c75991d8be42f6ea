"""Requests for a second person's approval; text and ids without foreign keys, like the events about them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from scoreport.approvals.rules import ApprovalKind, ApprovalState
from scoreport.lib.fields import CodeText


class Approval(models.Model):
    """One act that a person asked for and that another person has to approve."""

    kind = CodeText()
    key = CodeText()
    state = CodeText(default=ApprovalState.OPEN.value)
    organization = CodeText(blank=True, default="")
    # The ids from the root to the organization, as access needs them; empty for the whole installation.
    lineage = models.JSONField(default=list)
    place_kind = CodeText(blank=True, default="")
    subject = models.TextField()
    reason = models.TextField(blank=True, default="")
    parameters = models.JSONField(default=dict)
    requested_by = models.TextField()
    requested_by_id = models.BigIntegerField(null=True, blank=True)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_by = models.TextField(blank=True, default="")
    answered_by_id = models.BigIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ApprovalKind]), name="approval_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ApprovalState]), name="approval_state_known"
            ),
            models.CheckConstraint(
                condition=Q(answered_by_id__isnull=True) | ~Q(answered_by_id=F("requested_by_id")),
                name="approval_by_another_person",
            ),
            models.UniqueConstraint(
                fields=["key", "requested_by_id"],
                condition=Q(state__in=[ApprovalState.OPEN.value, ApprovalState.APPROVED.value]),
                name="approval_once_at_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "requested_at"], name="approval_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
