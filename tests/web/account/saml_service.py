"""A sign-in service that speaks SAML: it reads a request and signs an answer. It can be told to cheat."""

import base64
import datetime as dt
import secrets
import zlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ENTITY = "https://idp.alder.example/metadata"
SSO = "https://idp.alder.example/sso"
MAIL = "urn:oid:0.9.2342.19200300.100.1.3"
GIVEN, SURNAME = "urn:oid:2.5.4.42", "urn:oid:2.5.4.4"


def pair(days: int = 3650) -> tuple[str, str]:
    """Return a private key and a certificate of it, which expires in so many days from the real now."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.alder.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=4000))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, certificate.public_bytes(Encoding.PEM).decode()


KEY, CERTIFICATE = pair()
OTHER_KEY, OTHER_CERTIFICATE = pair()


def metadata(
    sso: str = SSO,
    *,
    certificates: Sequence[str] = (CERTIFICATE,),
    entity: str = ENTITY,
    more: str = "",
    keys: str = "",
) -> str:
    """Return what the service's administrator exports; ``more`` are attributes of the whole."""
    described = "".join(
        f"""<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
      <X509Certificate>{"".join(one.splitlines()[1:-1])}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"""
        for one in certificates
    )
    return f"""<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}" {more}>
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    {described}
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>
  </IDPSSODescriptor>
</EntityDescriptor>"""


class SamlService:
    """What the service says of whoever signs in there; tests change it."""

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.key, self.certificate = KEY, CERTIFICATE
        self.audience = ""
        self.is_signed = True

    def says(self, email: str = "ann@alder.example", **more: str) -> None:
        """Say this of whoever signs in from now on."""
        self.attributes = {MAIL: email, GIVEN: "Ann", SURNAME: "Bo"} | more

    def answer(self, address: str) -> str:
        """Return the signed answer to the request that an address of ours carries to the service."""
        packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
        request = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
        asked: dict[str, Any] = {
            "id": request.get("ID"),
            "acs": request.get("AssertionConsumerServiceURL"),
            "issuer": request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer"),
        }
        return base64.b64encode(self._response(asked)).decode()

    def _response(self, asked: dict[str, Any]) -> bytes:
        assertion = self._assertion(asked)
        if self.is_signed:
            assertion = OneLogin_Saml2_Utils.add_sign(assertion, self.key, self.certificate).decode()
        text = assertion
        now = dt.datetime.now(dt.UTC)
        return f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{secrets.token_hex(16)}" Version="2.0" \
IssueInstant="{_time(now)}" Destination="{asked["acs"]}" InResponseTo="{asked["id"]}">\
<saml:Issuer>{ENTITY}</saml:Issuer><samlp:Status>\
<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{text}</samlp:Response>""".encode()

    def _assertion(self, asked: dict[str, Any]) -> str:
        now = dt.datetime.now(dt.UTC)
        start, end = _time(now - dt.timedelta(minutes=2)), _time(now + dt.timedelta(minutes=5))
        attributes = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{escape(value)}</saml:AttributeValue></saml:Attribute>'
            for name, value in self.attributes.items()
        )
        return f"""<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{secrets.token_hex(16)}" \
Version="2.0" IssueInstant="{_time(now)}"><saml:Issuer>{ENTITY}</saml:Issuer><saml:Subject>\
<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">{secrets.token_hex(8)}</saml:NameID>\
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
NotOnOrAfter="{end}" Recipient="{asked["acs"]}" InResponseTo="{asked["id"]}"/></saml:SubjectConfirmation>\
</saml:Subject><saml:Conditions NotBefore="{start}" NotOnOrAfter="{end}"><saml:AudienceRestriction>\
<saml:Audience>{self.audience or asked["issuer"]}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{_time(now)}" SessionIndex="_{secrets.token_hex(8)}"><saml:AuthnContext>\
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>\
</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement>\
</saml:Assertion>"""


def _time(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
