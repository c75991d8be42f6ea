"""Keeps what SAML metadata says of a service, and renews it from its address, where it has one (decision 39).

What is new is taken by itself only while it speaks for the service that is trusted already: the same entity id, the
same host to sign in at, and one of the certificates that count now. Everything else needs the operator.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib import safe_fetch
from scoreport.organizations import idp_metadata
from scoreport.organizations.idp_metadata import MetadataRefused
from scoreport.organizations.models import IdentityProvider
from scoreport.organizations.queries.providers import certificates_of
from scoreport.organizations.rules.providers import SamlService, current

EVERY: Final = dt.timedelta(days=1)
LEAST_OVERDUE: Final = dt.timedelta(days=7)
"""Metadata that says that it may be kept for less still counts so long, so that one bad day locks nobody out."""

logger = logging.getLogger(__name__)
Fetch = Callable[[str], bytes]


def fetch_service(url: str, *, at: dt.datetime) -> SamlService:
    """Return what the metadata at an address says. Raises :class:`MetadataRefused`."""
    return replace(idp_metadata.read(_fetch(url), at=at), metadata_url=url)


def _fetch(url: str) -> bytes:
    try:
        return safe_fetch.fetch(
            url, most_bytes=idp_metadata.MOST_BYTES, allow_private=settings.METADATA_FROM_PRIVATE_NETWORKS
        )
    except safe_fetch.FetchRefused as error:
        raise MetadataRefused(str(error)) from error


def keep_metadata(row: IdentityProvider, service: SamlService, at: dt.datetime) -> None:
    """Write into a row, without saving it, what metadata says that was read just now."""
    row.settings = {
        "entity_id": service.entity_id,
        "sso_url": service.sso_url,
        "certificates": [{"x509": one.x509, "ends_at": one.ends_at.isoformat()} for one in service.certificates],
    }
    row.metadata_url, row.metadata_problem = service.metadata_url, ""
    row.metadata_valid_until, row.metadata_overdue_at = service.valid_until, None
    row.metadata_tried_at = row.metadata_fetched_at = at if service.metadata_url else None
    if service.metadata_url and service.cache_seconds is not None:
        row.metadata_overdue_at = at + max(dt.timedelta(seconds=service.cache_seconds), LEAST_OVERDUE)


def forget_metadata(row: IdentityProvider) -> None:
    """Write into a row, without saving it, that it has no metadata."""
    row.metadata_url, row.metadata_problem = "", ""
    row.metadata_valid_until = row.metadata_overdue_at = row.metadata_tried_at = row.metadata_fetched_at = None


def renew_due(actor: Actor, at: dt.datetime, *, fetch: Fetch = _fetch) -> int:
    """Renew the metadata of every service that has an address and was not tried for a day; return how many changed."""
    due = IdentityProvider.objects.exclude(metadata_url="").filter(is_active=True)
    return sum(_renew(actor, row.pk, at, fetch) for row in due.order_by("pk") if _is_due(row, at))


def _is_due(row: IdentityProvider, at: dt.datetime) -> bool:
    return row.metadata_tried_at is None or row.metadata_tried_at <= at - EVERY


def _renew(actor: Actor, row_id: int, at: dt.datetime, fetch: Fetch) -> bool:
    """Fetch without a transaction, then take what came, or say why not; tell whether anything changed."""
    row = IdentityProvider.objects.get(pk=row_id)
    try:
        service, problem = replace(idp_metadata.read(fetch(row.metadata_url), at=at), metadata_url=row.metadata_url), ""
        _require_same(row, service, at)
    except Refused as refusal:
        service, problem = None, str(refusal)
    with transaction.atomic():
        now = IdentityProvider.objects.select_for_update().filter(pk=row_id).first()
        if now is None or now.settings != row.settings or now.metadata_url != row.metadata_url:
            # Set up anew or removed meanwhile: what was fetched is of another one.
            return False
        if service is None:
            logger.warning("The metadata of %s was not renewed: %s", now.slug, problem)
            now.metadata_tried_at, now.metadata_problem = at, problem
            now.save()
            return False
        keep_metadata(now, service, at)
        now.save()
        has_changed = bool(now.settings != row.settings)
        if has_changed:
            _record(actor, now, at)
    return has_changed


def _require_same(row: IdentityProvider, service: SamlService, at: dt.datetime) -> None:
    """Raise :class:`MetadataRefused` unless metadata speaks for the service that is trusted already."""
    if service.entity_id != row.settings.get("entity_id"):
        message = _("The metadata is of another service now, %(entity)s. Set the service up again if that is right.")
        raise MetadataRefused(message % {"entity": service.entity_id})
    if urlsplit(service.sso_url).netloc != urlsplit(str(row.settings.get("sso_url"))).netloc:
        message = _("The metadata sends people to another host, %(host)s. Set the service up again if that is right.")
        raise MetadataRefused(message % {"host": urlsplit(service.sso_url).netloc})
    if not idp_metadata.shares_a_certificate(current(certificates_of(row), at), service.certificates):
        raise MetadataRefused(
            _(
                "None of the certificates that were trusted is in the metadata. Set the service up again if that is"
                " right."
            )
        )


def _record(actor: Actor, row: IdentityProvider, at: dt.datetime) -> None:
    record(
        actor,
        verb=Verb.PROVIDER_SET,
        at=at,
        organization=row.organization.code,
        subject_kind="provider",
        subject=f"{row.name} ({row.slug})",
        protocol=row.protocol,
        server=str(row.settings["entity_id"]),
        certificates=len(row.settings["certificates"]),
        is_renewed=True,
    )
