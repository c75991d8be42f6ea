"""Reads the SAML metadata of a sign-in service of a school or district."""

import base64
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cryptography import x509
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from scoreport import access
from scoreport.organizations.rules.providers import Certificate, SamlService, current, is_safe_server

MOST_BYTES: Final = 1_000_000
"""The metadata of one service has some ten thousand; that of a federation is not for us."""
_REDIRECT: Final = f"./md:SingleSignOnService[@Binding='{Saml.BINDING_HTTP_REDIRECT}']"
_SIGNING: Final = "./md:KeyDescriptor[not(@use) or @use='signing']/ds:KeyInfo/ds:X509Data/ds:X509Certificate"


class MetadataRefused(access.Refused):
    """The file is no metadata of a sign-in service, lacks what is needed, or has expired."""


def read(xml: bytes, *, at: dt.datetime) -> SamlService:
    """Return what the metadata of one service says; nothing is fetched. Raises :class:`MetadataRefused`."""
    if len(xml) > MOST_BYTES:
        raise MetadataRefused(_("The metadata is too large. Export that of the one service, not of a federation."))
    entity, service = _descriptors(xml)
    sso = [node.get("Location", "") for node in OneLogin_Saml2_XML.query(service, _REDIRECT)]
    certificates = tuple(_certificates(service))
    entity_id = entity.get("entityID", "")
    if not (entity_id and sso and sso[0] and certificates):
        message = _(
            "The metadata lacks the entity id, the sign-in address (HTTP-Redirect) or the signing certificate."
            " Export it from the sign-in service of the school or district."
        )
        raise MetadataRefused(message)
    if not is_safe_server(sso[0]):
        message = _("The sign-in address %(address)s is not encrypted. It must begin with https://.")
        raise MetadataRefused(message % {"address": sso[0]})
    nodes = [service, entity, *entity.iterancestors()]
    valid_until = _earliest(_instant(node.get("validUntil")) for node in nodes)
    if valid_until is not None and valid_until <= at:
        message = _("The metadata expired on %(day)s. Export it from the sign-in service again.")
        raise MetadataRefused(message % {"day": valid_until.date().isoformat()})
    if not current(certificates, at):
        message = _("All signing certificates of the metadata have expired, the last one on %(day)s.")
        last = max(one.ends_at for one in certificates)
        raise MetadataRefused(message % {"day": last.date().isoformat()})
    seconds = [_seconds(node.get("cacheDuration"), at) for node in nodes]
    return SamlService(
        entity_id=entity_id,
        sso_url=sso[0],
        certificates=certificates,
        valid_until=valid_until,
        cache_seconds=min((one for one in seconds if one is not None), default=None),
    )


def _descriptors(xml: bytes) -> tuple[Any, Any]:
    """Return the element of the service's name and the one of what it does. Raises :class:`MetadataRefused`."""
    try:
        root = OneLogin_Saml2_XML.to_etree(xml)
        services = OneLogin_Saml2_XML.query(root, "//md:EntityDescriptor/md:IDPSSODescriptor")
    except (LxmlError, ValueError) as error:
        message = _("The file is no XML that can be read. Export the metadata of the sign-in service again.")
        raise MetadataRefused(message) from error
    if len(services) > 1:
        raise MetadataRefused(_("The metadata describes several services. Export that of the one service."))
    if not services:
        message = _(
            "The metadata lacks the entity id, the sign-in address (HTTP-Redirect) or the signing certificate."
            " Export it from the sign-in service of the school or district."
        )
        raise MetadataRefused(message)
    return services[0].getparent(), services[0]


def _certificates(service: Any) -> Iterator[Certificate]:
    """Yield every certificate that the service may sign with, once. Raises :class:`MetadataRefused`."""
    seen: set[str] = set()
    for node in OneLogin_Saml2_XML.query(service, _SIGNING):
        text = "".join(str(OneLogin_Saml2_XML.element_text(node) or "").split())
        if text in seen:
            continue
        seen.add(text)
        try:
            ends_at = x509.load_der_x509_certificate(base64.b64decode(text, validate=True)).not_valid_after_utc
        except ValueError as error:
            message = _("A signing certificate of the metadata cannot be read. Export the metadata again.")
            raise MetadataRefused(message) from error
        yield Certificate(x509=text, ends_at=ends_at)


def _earliest(instants: Iterator[dt.datetime | None]) -> dt.datetime | None:
    return min((one for one in instants if one is not None), default=None)


def _instant(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError as error:
        message = _("“%(text)s” is not a valid end of metadata (validUntil). Export the metadata again.")
        raise MetadataRefused(message % {"text": text}) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def _seconds(text: str | None, at: dt.datetime) -> int | None:
    """Return a duration such as PT6H or P1D in seconds."""
    if not text:
        return None
    start = int(at.timestamp())
    try:
        return max(0, int(OneLogin_Saml2_Utils.parse_duration(text, start)) - start)
    except Exception as error:  # the library raises whatever its parsers do
        message = _("“%(text)s” is not a valid time to keep metadata (cacheDuration). Export the metadata again.")
        raise MetadataRefused(message % {"text": text}) from error


def shares_a_certificate(trusted: Sequence[Certificate], said: Sequence[Certificate]) -> bool:
    """Tell whether metadata still names one of the certificates that are trusted already."""
    return bool({one.x509 for one in trusted} & {one.x509 for one in said})
