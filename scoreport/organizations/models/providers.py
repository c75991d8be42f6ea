"""Sign-in services of organizations: OpenID Connect and SAML."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText
from scoreport.organizations.models.tree import Organization
from scoreport.organizations.rules.providers import Protocol


class IdentityProvider(models.Model):
    """A sign-in service of one organization. It speaks for the addresses of its own domains and for no others.

    ``slug`` names it in addresses; ``settings`` are those of its protocol; the client's secret is
    sealed (``lib.secrets``), so that a stolen backup opens nothing. ``metadata_…`` says where the metadata of SAML is
    renewed from, when that was tried and done, until when it counts, and why it could not be renewed.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="identity_providers")
    protocol = CodeText(choices=[(p.value, p.value) for p in Protocol])
    slug = CodeText()
    name = models.TextField()
    client_id = CodeText(blank=True, default="")
    sealed_secret = models.TextField(blank=True, default="")
    settings = models.JSONField(default=dict)
    metadata_url = CodeText(blank=True, default="")
    metadata_tried_at = models.DateTimeField(null=True)
    metadata_fetched_at = models.DateTimeField(null=True)
    metadata_overdue_at = models.DateTimeField(null=True)
    metadata_valid_until = models.DateTimeField(null=True)
    metadata_problem = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    added_by = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug"], name="identity_provider_slug_once"),
            models.CheckConstraint(condition=~Q(slug=""), name="identity_provider_has_slug"),
        ]

    def __str__(self) -> str:
        return self.slug


class ProviderDomain(models.Model):
    """A domain whose addresses a service speaks for; no other service does."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="domains")
    domain = CodeText()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["domain"], name="provider_domain_once"),
        ]

    def __str__(self) -> str:
        return self.domain


class UsedAssertion(models.Model):
    """A statement of a SAML service that was taken once; kept until it could not be taken again anyway."""

    provider = CodeText()
    digest = CodeText()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "digest"], name="used_assertion_once"),
        ]

    def __str__(self) -> str:
        return self.digest
