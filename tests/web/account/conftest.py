"""Sign-in services of Alder, one for each protocol."""

from collections.abc import Iterator

import pytest

from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import OpenIdService as OpenId
from scoreport.organizations.actions.providers import set_provider
from tests.web.account.openid_service import CLIENT_ID, CLIENT_SECRET, OpenIdService
from tests.web.account.saml_service import SamlService, metadata
from tests.world import AT, OPERATOR


@pytest.fixture
def openid(world) -> Iterator[OpenIdService]:
    """Serve OpenID Connect for the addresses of alder.example."""
    service = OpenIdService()
    service.says()
    set_provider(
        OPERATOR,
        slug="alder",
        organization="D-ALDER",
        name="Alder Connect",
        domains=["alder.example"],
        service=OpenId(server_url=service.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
        at=AT,
    )
    yield service
    service.close()


@pytest.fixture
def saml(world) -> SamlService:
    """Speak SAML for the addresses of alder.example."""
    service = SamlService()
    service.says()
    set_provider(
        OPERATOR,
        slug="alder",
        organization="D-ALDER",
        name="Alder Portal",
        domains=["alder.example"],
        service=idp_metadata.read(metadata().encode(), at=AT),
        at=AT,
    )
    return service
