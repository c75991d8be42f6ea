"""Reads of the sign-in services of organizations."""

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.lib.secrets import unseal
from scoreport.organizations.models import IdentityProvider
from scoreport.organizations.rules.providers import Protocol, ProviderConnection, ProviderInfo, ProviderOffer, domain_of

SECRET_PURPOSE = "identity provider"  # noqa: S105 - names what is sealed


def offer_for(email: str) -> ProviderOffer | None:
    """Return the service that speaks for an address, or None; whether anybody has an account says nothing here."""
    row = IdentityProvider.objects.filter(is_active=True, domains__domain=domain_of(email)).first()
    return ProviderOffer(slug=row.slug, name=row.name, protocol=Protocol(row.protocol)) if row else None


def offer(slug: str) -> ProviderOffer | None:
    """Return a service by its name in addresses, or None."""
    row = IdentityProvider.objects.filter(is_active=True, slug=slug).first()
    return ProviderOffer(slug=row.slug, name=row.name, protocol=Protocol(row.protocol)) if row else None


def providers(actor: Actor) -> tuple[ProviderInfo, ...]:
    """Return every service, by slug; for the operator."""
    access.require(actor, Permission.PROVIDER_SET)
    rows = IdentityProvider.objects.select_related("organization").prefetch_related("domains").order_by("slug")
    return tuple(info_of(row) for row in rows)


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
    )


def server_of(row: IdentityProvider) -> str:
    """Return what tells the service itself from any other: its server, or its entity id."""
    return str(row.settings.get("server_url") or row.settings.get("entity_id") or "")


def connections() -> tuple[ProviderConnection, ...]:
    """Return all that the protocols need, secrets included. Unscoped: for the conversation with the services."""
    return tuple(
        ProviderConnection(
            slug=row.slug,
            name=row.name,
            protocol=Protocol(row.protocol),
            client_id=row.client_id,
            secret=_secret(row.sealed_secret),
            settings=row.settings,
        )
        for row in IdentityProvider.objects.filter(is_active=True)
    )


def _secret(sealed: str) -> str:
    """Return a secret; where the key of the installation has changed, that service fails, and the others go on."""
    try:
        return unseal(sealed, SECRET_PURPOSE) if sealed else ""
    except ValueError:
        return ""
