"""Sessions and sign-in services."""

from collections.abc import Mapping
from typing import Any

from scoreport.accounts.actions import begin_session
from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import OpenIdService, set_provider
from tests.web.account.saml_service import metadata
from tests.web.matrix import Asks
from tests.world import AT, OPERATOR


def facts(world: Any) -> Mapping[str, Any]:
    """Store a session of amy's and a service of each protocol."""
    connect = OpenIdService(server_url="http://127.0.0.1:9", client_id="us", client_secret="a secret")
    portal = idp_metadata.read(metadata().encode(), at=AT)
    given = {"organization": "D-ALDER", "name": "Alder"}
    set_provider(OPERATOR, slug="connect", domains=["connect.example"], service=connect, at=AT, **given)
    set_provider(OPERATOR, slug="portal", domains=["portal.example"], service=portal, at=AT, **given)
    number = begin_session(world.actor("amy"), key="no session", user_agent="", at=AT)
    return {"account_session": number}


def asks(known: Mapping[str, Any]) -> Asks:
    """Say what each route may be asked for."""
    openid = {"service": ("connect",), "nobody": ("no-such-service",)}
    saml = {"service": ("portal",), "nobody": ("no-such-service",)}
    return {
        "account_end_session": {"amy": (known["account_session"],), "nobody": (999_999,)},
        "openid_connect_login": openid,
        "openid_connect_callback": openid,
        "saml_login": saml,
        "saml_acs": saml,
        "saml_finish_acs": saml,
        "saml_metadata": saml,
        "saml_sls": saml,
    }
