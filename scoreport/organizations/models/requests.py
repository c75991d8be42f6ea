"""What people ask for who have no access: a code from program staff, or a role from their access manager."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scoreport.access import K12_ROLES
from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization
from scoreport.organizations.rules.requests import AnswerState, Asked


class AccessRequest(models.Model):
    """Somebody asks for a code (program staff answer) or for a role (the access managers answer).

    ``institution`` is what they typed where their institution is not on file; ``organization`` is
    then empty. ``role`` is set when a role is asked for, and only then.
    """

    asked_for = CodeText(choices=[(a.value, a.value) for a in Asked])
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_requests")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="access_requests"
    )
    institution = models.TextField(blank=True, default="")
    role = CodeText(blank=True, default="")
    title = models.TextField(blank=True, default="")
    why = models.TextField()
    # The last characters of the access code that was redeemed with this request; empty without one.
    code_hint = CodeText(blank=True, default="")
    asked_at = models.DateTimeField()
    state = CodeText(choices=[(s.value, s.value) for s in AnswerState], default=AnswerState.OPEN.value)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organization", "asked_for", "role"],
                condition=Q(state=AnswerState.OPEN.value, organization__isnull=False),
                name="access_request_open_once",
            ),
            models.CheckConstraint(
                condition=Q(asked_for=Asked.ROLE.value, role__in=sorted(K12_ROLES), organization__isnull=False)
                | Q(asked_for=Asked.CODE.value, role=""),
                name="access_request_role_where_asked",
            ),
            models.CheckConstraint(
                condition=Q(organization__isnull=False) | ~Q(institution=""), name="access_request_institution_named"
            ),
            models.CheckConstraint(
                condition=Q(state=AnswerState.OPEN.value, answered_at__isnull=True)
                | (~Q(state=AnswerState.OPEN.value) & Q(answered_at__isnull=False)),
                name="access_request_answered_with_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "asked_for", "asked_at"], name="access_request_state")]

    def __str__(self) -> str:
        return f"{self.asked_for} {self.user_id}"
