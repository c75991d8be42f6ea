"""Sign-in services of schools and districts: set up by the operator, and whom they may let in."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.accounts.actions import link_person, unlink_provider
from scoreport.accounts.rules import PersonInfo, normalized_email
from scoreport.audit.actions import record_many
from scoreport.audit.rules import Detail, NewEvent, Verb
from scoreport.lib.secrets import digest, encrypt
from scoreport.lib.text import clean
from scoreport.organizations.metadata_renewal import forget_metadata, keep_metadata
from scoreport.organizations.models import IdentityProvider, ProviderDomain, UsedAssertion
from scoreport.organizations.queries import find
from scoreport.organizations.queries.providers import SECRET_PURPOSE, info_of, server_of
from scoreport.organizations.rules.providers import (
    PUBLIC_MAIL,
    Protocol,
    ProviderInfo,
    SamlService,
    domain_of,
    is_domain,
    is_safe_server,
    is_slug,
    is_tenant,
    normalized_domain,
)

_ASSERTION: Final = "SAML assertion"
logger = logging.getLogger(__name__)


class ProviderRefused(access.Refused):
    """The sign-in service cannot be set up like this."""


class UnknownProvider(access.NotFound):
    """There is no such sign-in service."""


class AssertionUsed(access.Refused):
    """A statement of a service was taken before, and counts once."""


class NotVouchedFor(access.Refused):
    """The service does not speak for this person."""


@dataclass(frozen=True, slots=True)
class OpenIdService:
    """Where a service of OpenID Connect is found, and as whom we come to it.

    ``tenants`` are those of Microsoft Entra ID whose addresses count as verified though it does not say so.
    """

    server_url: str
    client_id: str
    client_secret: str
    tenants: tuple[str, ...] = ()


def set_provider(
    actor: Actor,
    *,
    slug: str,
    organization: str,
    name: str,
    domains: Sequence[str],
    service: OpenIdService | SamlService,
    at: dt.datetime,
) -> ProviderInfo:
    """Set up a sign-in service, or replace what is known of it; ``slug`` names it in addresses.

    Another server under the same slug is another service: whom the former one meant is forgotten. Raises
    :class:`ProviderRefused`, :class:`scoreport.organizations.queries.UnknownOrganization`.
    """
    access.require(actor, Permission.PROVIDER_SET)
    place = find(organization)
    wanted = _checked_domains(domains)
    _check(slug, name, service)
    try:
        with transaction.atomic():
            before = IdentityProvider.objects.select_for_update().filter(slug=slug).first()
            row = before or IdentityProvider(slug=slug)
            former = server_of(row)
            row.organization_id, row.name = place.id, clean(name)
            row.is_active, row.added_at, row.added_by = True, at, actor.name
            _describe(row, service, at)
            row.save()
            row.domains.exclude(domain__in=wanted).delete()
            missing = wanted - set(row.domains.values_list("domain", flat=True))
            ProviderDomain.objects.bulk_create(ProviderDomain(provider=row, domain=domain) for domain in missing)
            if former and former != server_of(row):
                unlink_provider(actor, provider=slug, at=at)
            _record(actor, Verb.PROVIDER_SET, row, at)
    except IntegrityError as error:
        taken = ProviderDomain.objects.filter(domain__in=wanted).exclude(provider__slug=slug).first()
        message = _("Addresses of %(domain)s belong to another sign-in service already. A domain has one.")
        raise ProviderRefused(message % {"domain": taken.domain if taken else ", ".join(sorted(wanted))}) from error
    return info_of(row)


def remove_provider(actor: Actor, *, slug: str, at: dt.datetime) -> None:
    """Take a sign-in service away; accounts and roles stay. Raises :class:`UnknownProvider`."""
    access.require(actor, Permission.PROVIDER_SET)
    with transaction.atomic():
        row = IdentityProvider.objects.select_for_update().filter(slug=slug).first()
        if row is None:
            raise UnknownProvider(_("There is no sign-in service “%(slug)s”.") % {"slug": slug})
        unlink_provider(actor, provider=slug, at=at)
        _record(actor, Verb.PROVIDER_REMOVED, row, at)
        row.delete()


def admit(
    actor: Actor, *, slug: str, uid: str, email: str, is_verified: bool, name: str, at: dt.datetime
) -> PersonInfo:
    """Return the person whom a service means; they have an account from now on, and no role by it.

    A service speaks for the addresses of its own domains and for no others, whatever it says. Raises
    :class:`UnknownProvider`, :class:`NotVouchedFor`, and what
    :func:`scoreport.accounts.actions.link_person` raises.
    """
    row = IdentityProvider.objects.filter(slug=slug, is_active=True).first()
    if row is None:
        raise UnknownProvider(_("There is no sign-in service “%(slug)s”.") % {"slug": slug})
    domains = frozenset(row.domains.values_list("domain", flat=True))
    address = normalized_email(email)
    if not address:
        message = _("%(name)s did not say which e-mail address you have. Ask its administrator to share it with us.")
        raise NotVouchedFor(message % {"name": row.name})
    if not is_verified:
        message = _(
            "%(name)s has not checked that the address %(email)s is yours. Ask its administrator, or sign in with your"
            " password."
        )
        raise NotVouchedFor(message % {"name": row.name, "email": address})
    _require_own(row, address, domains)
    person = link_person(actor, provider=slug, uid=uid, email=address, name=name, at=at)
    # Somebody who was linked earlier may have an address that the service does not speak for any more.
    _require_own(row, person.email, domains)
    return person


def use_assertion(actor: Actor, *, slug: str, assertion: str, ends_at: dt.datetime, at: dt.datetime) -> None:
    """Take a statement of a SAML service, whose signature was checked, for the first and only time.

    ``ends_at`` is when it could not be taken any more anyway. Raises :class:`UnknownProvider`,
    :class:`AssertionUsed`.
    """
    if not IdentityProvider.objects.filter(slug=slug, is_active=True).exists():
        raise UnknownProvider(_("There is no sign-in service “%(slug)s”.") % {"slug": slug})
    UsedAssertion.objects.filter(ends_at__lte=at).delete()
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(provider=slug, digest=digest(assertion, _ASSERTION), ends_at=ends_at)
    except IntegrityError as error:
        logger.warning("A statement of the sign-in service %s came again, to %s.", slug, actor.address)
        raise AssertionUsed(_("This answer was used already. Please sign in again.")) from error


def _require_own(row: IdentityProvider, address: str, domains: frozenset[str]) -> None:
    if domain_of(address) not in domains:
        message = _("%(name)s does not speak for the address %(email)s. Sign in with your password instead.")
        raise NotVouchedFor(message % {"name": row.name, "email": address})


def _checked_domains(domains: Sequence[str]) -> frozenset[str]:
    wanted = frozenset(normalized_domain(domain) for domain in domains)
    if not wanted:
        raise ProviderRefused(_("A sign-in service needs at least one domain of addresses that it speaks for."))
    for domain in sorted(wanted):
        if not is_domain(domain):
            message = _("“%(domain)s” is not a domain. Write what follows the @ of an address, like alder.example.")
            raise ProviderRefused(message % {"domain": domain})
        if domain in PUBLIC_MAIL:
            message = _("Anybody can have an address at %(domain)s, so no school or district speaks for it.")
            raise ProviderRefused(message % {"domain": domain})
    return wanted


def _check(slug: str, name: str, service: OpenIdService | SamlService) -> None:
    if not is_slug(slug):
        message = _("“%(slug)s” cannot stand in addresses. Use lower-case letters, digits and hyphens, like alder.")
        raise ProviderRefused(message % {"slug": slug})
    if not clean(name):
        raise ProviderRefused(_("A sign-in service needs the name that people know it by."))
    if isinstance(service, OpenIdService):
        if not is_safe_server(service.server_url):
            message = _("The address %(address)s is not encrypted. It must begin with https://.")
            raise ProviderRefused(message % {"address": service.server_url})
        if not service.client_id or not service.client_secret:
            raise ProviderRefused(_("OpenID Connect needs the client id and the client secret that the service gave."))
        for tenant in service.tenants:
            if not is_tenant(tenant):
                message = _(
                    "“%(tenant)s” is not the id of a tenant of one school or district, 36 characters with hyphens."
                )
                raise ProviderRefused(message % {"tenant": tenant})


def _describe(row: IdentityProvider, service: OpenIdService | SamlService, at: dt.datetime) -> None:
    if isinstance(service, OpenIdService):
        row.protocol = Protocol.OPENID_CONNECT.value
        row.client_id = service.client_id
        row.sealed_secret = encrypt(service.client_secret, SECRET_PURPOSE)
        row.settings = {"server_url": service.server_url.rstrip("/")}
        if service.tenants:
            row.settings["tenants"] = sorted(set(service.tenants))
        forget_metadata(row)
    else:
        row.protocol = Protocol.SAML.value
        row.client_id, row.sealed_secret = "", ""
        keep_metadata(row, service, at)


def _record(actor: Actor, verb: Verb, row: IdentityProvider, at: dt.datetime) -> None:
    info = info_of(row)
    more: dict[str, Detail] = {}
    if info.tenants:
        more["tenants"] = list(info.tenants)
    if info.certificates:
        more["certificates"] = len(info.certificates)
    about: dict[str, Detail] = {
        "protocol": info.protocol.value,
        "domains": list(info.domains),
        "server": info.server,
        **more,
    }
    event = NewEvent(
        verb, info.organization_code, subject_kind="provider", subject=f"{info.name} ({info.slug})", detail=about
    )
    record_many(actor, at=at, events=[event])
