"""Reads the SAML metadata that an administrator of a school or district exports from their sign-in service."""

from typing import Any

from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from scoreport import access
from scoreport.organizations.rules.providers import SamlService, is_safe_server


class MetadataRefused(access.Refused):
    """The file is no metadata of a sign-in service, or lacks what is needed."""


def read(xml: bytes) -> SamlService:
    """Return what the metadata says; nothing is fetched from anywhere. Raises :class:`MetadataRefused`."""
    try:
        told: dict[str, Any] = OneLogin_Saml2_IdPMetadataParser.parse(xml).get("idp", {})
    except (LxmlError, ValueError) as error:
        message = _("The file is no XML that can be read. Export the metadata of the sign-in service again.")
        raise MetadataRefused(message) from error
    entity_id = told.get("entityId", "")
    sso_url = told.get("singleSignOnService", {}).get("url", "")
    signing = told.get("x509certMulti", {}).get("signing", [])
    certificate = told.get("x509cert") or (signing[0] if signing else "")
    if not (entity_id and sso_url and certificate):
        message = _(
            "The metadata lacks the entity id, the sign-in address (HTTP-Redirect) or the signing certificate."
            " Export it from the sign-in service of the school or district."
        )
        raise MetadataRefused(message)
    if not is_safe_server(sso_url):
        message = _("The sign-in address %(address)s is not encrypted. It must begin with https://.")
        raise MetadataRefused(message % {"address": sso_url})
    return SamlService(entity_id=entity_id, sso_url=sso_url, certificate=certificate, certificates=max(1, len(signing)))
