"""Roles that people hold, the notices about their ends, and the yearly review."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scoreport.access import Role
from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization

_STORED = [(r.value, r.value) for r in Role if r is not Role.SUPPORT]


class Membership(models.Model):
    """A role that a person holds at an organization (none: at the whole installation).

    Nothing is deleted: a role that was taken away has ``revoked_at``; every role has an end.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = CodeText(choices=_STORED)
    granted_by = models.TextField()
    # Who gave it stays known by number when the name changes; empty for the operator's commands.
    granted_by_id = models.BigIntegerField(null=True, blank=True)
    granted_at = models.DateTimeField()
    ends_on = models.DateField()
    # The last day on which the role opened something; None until it did.
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(revoked_at__isnull=True, organization__isnull=False),
                name="membership_once",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at__isnull=True, organization__isnull=True),
                name="membership_of_staff_once",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.PROGRAM_STAFF.value, organization__isnull=True)
                | (~Q(role=Role.PROGRAM_STAFF.value) & Q(organization__isnull=False)),
                name="membership_staff_has_no_organization",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="") | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="membership_revoked_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.organization_id}"


class Notice(models.Model):
    """Something that was told once and is never told again; ``key`` says what, such as ``role:12:2027-06-30:14``."""

    key = CodeText()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key"], name="notice_once")]

    def __str__(self) -> str:
        return self.key


class Review(models.Model):
    """The yearly look of an organization's access managers at everybody's roles: keep or drop."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="reviews")
    year = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "year"], name="review_once_a_year"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="review_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.year}"


class ReviewDecision(models.Model):
    """What a review decided about one role; the newest decision is the only one."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="decisions")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="decisions")
    keep = models.BooleanField()
    decided_at = models.DateTimeField()
    decided_by = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "membership"], name="review_decision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.membership_id}"
