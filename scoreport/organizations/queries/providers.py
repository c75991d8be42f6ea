"""Reads of the sign-in services of organizations."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.lib.secrets import decrypt
from scoreport.organizations.models import IdentityProvider
from scoreport.organizations.rules.providers import (
    Certificate,
    Protocol,
    ProviderConnection,
    ProviderInfo,
    ProviderOffer,
    current,
    domain_of,
)

SECRET_PURPOSE = "identity provider"  # noqa: S105 - names what is sealed


def offer_for(email: str) -> ProviderOffer | None:
    """Return the service that speaks for an address, or None; whether anybody has an account says nothing here."""
    row = IdentityProvider.objects.filter(is_active=True, domains__domain=domain_of(email)).first()
    return ProviderOffer(slug=row.slug, name=row.name, protocol=Protocol(row.protocol)) if row else None


def offer(slug: str) -> ProviderOffer | None:
    """Return a service by its name in addresses, or None."""
    row = IdentityProvider.objects.filter(is_active=True, slug=slug).first()
    return ProviderOffer(slug=row.slug, name=row.name, protocol=Protocol(row.protocol)) if row else None


def providers(actor: Actor, *, at: datetime) -> tuple[ProviderInfo, ...]:
    """Return every service, by slug, with what keeps people out by it now; for the operator."""
    access.require(actor, Permission.PROVIDER_SET)
    rows = IdentityProvider.objects.select_related("organization").prefetch_related("domains").order_by("slug")
    return tuple(replace(info_of(row), refusal=refusal_of(row, at)) for row in rows)


def info_of(row: IdentityProvider) -> ProviderInfo:
    """Return a service without its row."""
    return ProviderInfo(
        slug=row.slug,
        name=row.name,
        protocol=Protocol(row.protocol),
        organization=row.organization.name,
        organization_code=row.organization.code,
        domains=tuple(sorted(one.domain for one in row.domains.all())),
        server=server_of(row),
        tenants=tuple(row.settings.get("tenants", ())),
        certificates=certificates_of(row),
        valid_until=row.metadata_valid_until,
        metadata_url=row.metadata_url,
        problem=row.metadata_problem,
    )


def certificates_of(row: IdentityProvider) -> tuple[Certificate, ...]:
    """Return every signing certificate that was kept of a service, the one that counts longest first."""
    kept = (
        Certificate(x509=one["x509"], ends_at=datetime.fromisoformat(one["ends_at"]))
        for one in row.settings.get("certificates", ())
    )
    return tuple(sorted(kept, key=lambda one: one.ends_at, reverse=True))


def refusal_of(row: IdentityProvider, at: datetime) -> str:
    """Say why nobody signs in by a SAML service now, because what is known of it is too old; nothing if they do."""
    if row.protocol != Protocol.SAML.value:
        return ""
    ends = [one for one in (row.metadata_valid_until, row.metadata_overdue_at) if one is not None and one <= at]
    if ends or not current(certificates_of(row), at):
        return _(
            "The settings of %(name)s have expired, so nobody can sign in with it until its administrator sends new"
            " metadata. Sign in with your password instead."
        ) % {"name": row.name}
    return ""


def ends_of(row: IdentityProvider) -> datetime | None:
    """Return the instant from which a SAML service lets nobody in, unless someone does something; None without end.

    What is renewed every day counts as long as its certificates do.
    """
    certificates = certificates_of(row)
    ends = [certificates[0].ends_at] if certificates else []
    if not row.metadata_url or row.metadata_problem:
        ends += [one for one in (row.metadata_valid_until, row.metadata_overdue_at) if one is not None]
    return min(ends, default=None)


def server_of(row: IdentityProvider) -> str:
    """Return what tells the service itself from any other: its server, or its entity id."""
    return str(row.settings.get("server_url") or row.settings.get("entity_id") or "")


def connections(at: datetime) -> tuple[ProviderConnection, ...]:
    """Return all that the protocols need now, secrets included. Unscoped: for the conversation with the services."""
    return tuple(
        ProviderConnection(
            slug=row.slug,
            name=row.name,
            protocol=Protocol(row.protocol),
            client_id=row.client_id,
            secret=_secret(row.sealed_secret),
            settings=row.settings,
            tenants=frozenset(row.settings.get("tenants", ())),
            certificates=current(certificates_of(row), at),
            refusal=refusal_of(row, at),
        )
        for row in IdentityProvider.objects.filter(is_active=True)
    )


def _secret(sealed: str) -> str:
    """Return a secret; where the key of the installation has changed, that service fails, and the others go on."""
    try:
        return decrypt(sealed, SECRET_PURPOSE) if sealed else ""
    except ValueError:
        return ""
