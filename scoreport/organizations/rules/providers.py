"""Sign-in services: which protocols there are; pure."""

from enum import StrEnum


class Protocol(StrEnum):
    """How a sign-in service tells who somebody is."""

    OPENID_CONNECT = "openid-connect"
    SAML = "saml"
