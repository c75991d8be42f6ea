"""Invitations: roles that wait for the owner of an address."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization


class Invitation(models.Model):
    """Roles at an organization that are offered to whoever owns an address, until a moment.

    The link in the mail carries a token; only its digest is stored. Opening the link uses nothing
    up; accepting does, once. ``roles`` are the values of :class:`scoreport.access.Role`.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = CodeText()
    name = models.TextField(blank=True, default="")
    roles = models.JSONField(default=list)
    role_ends_on = models.DateField()
    digest = CodeText()
    invited_by = models.TextField()
    inviter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    times_sent = models.SmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.TextField(blank=True, default="")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest"], name="invitation_token_once"),
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at__isnull=True, cancelled_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(cancelled_at__isnull=True), name="invitation_one_end"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by="")
                | (Q(accepted_at__isnull=False) & ~Q(accepted_by="")),
                name="invitation_accepted_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_by="")),
                name="invitation_cancelled_by_someone",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["email"], name="invitation_email")]

    def __str__(self) -> str:
        return f"{self.email} at {self.organization_id}"


class FormerLink(models.Model):
    """The digest of a link that a newer one of the same invitation replaced, so that it can say so."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="former_links")
    digest = CodeText()
    replaced_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest"], name="invitation_former_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} until {self.replaced_at}"
