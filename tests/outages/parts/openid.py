"""The sign-in service of a district (OpenID Connect): without it nobody signs in by it, and all else goes on."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.urls import reverse

from scoreport.organizations.actions.providers import OpenIdService, set_provider
from scoreport.web import service_adapter
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import bad_server, in_time, loaded, reads_go_on
from tests.outages.servers import BadServer, Mode
from tests.web.account import openid_service
from tests.web.account.test_openid import begin, is_signed_in, return_from
from tests.web.pages import read
from tests.world import AT, OPERATOR

real = openid_service._send
TOLD = "did not answer as it should"


def service(request: pytest.FixtureRequest) -> tuple[openid_service.OpenIdService, BadServer]:
    """Serve OpenID Connect for alder.example, behind a server that may misbehave."""
    request.getfixturevalue("monkeypatch").setattr(service_adapter, "SERVICE_SECONDS", 0.6)
    good = openid_service.OpenIdService()
    request.addfinalizer(good.close)
    good.says()
    server = bad_server(request, ("127.0.0.1", int(good.url.rpartition(":")[2])))
    good.url = f"http://127.0.0.1:{server.port}"
    set_provider(
        OPERATOR, slug="alder", organization="D-ALDER", name="Alder Connect", domains=["alder.example"],
        service=OpenIdService(good.url, openid_service.CLIENT_ID, openid_service.CLIENT_SECRET), at=AT,
    )  # fmt: skip
    return good, server


def refuses(answer: Any, client: Any) -> None:
    """Expect a sentence and nobody who is signed in."""
    assert (answer.status_code, is_signed_in(client)) == (401, False)
    assert TOLD in read(answer).text
    assert not SocialAccount.objects.exists()
    assert not get_user_model().objects.filter(email="ann@alder.example").exists()


def asked_for(client: Any) -> Any:
    """Ask for the service, and follow the link to it."""
    client.post(reverse("sign_in_service"), {"email": "ann@alder.example"})
    return client.get(reverse("openid_connect_login", args=["alder"]))


@cell(
    "openid", "refuse", "black-hole", "slow", "reset", "garbage",
    does="a teacher signs in through the service, which fails before or after the teacher was there",
    holds="a sentence and no account, no session, no link; people with passwords go on",
    quick=("refuse", "slow"),
)  # fmt: skip
def nobody_signs_in(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, anonymous = loaded(request)("amy"), request.getfixturevalue("anonymous")
    good, server = service(request)
    back = return_from(begin(anonymous))
    server.become(cell.state)
    with in_time(2):
        refuses(anonymous.get(back), anonymous)
    with in_time(2):
        refuses(asked_for(anonymous), anonymous)
    if cell.state == "garbage":
        server.become(Mode.PASS)
        speaks_nonsense(good, anonymous)
    reads_go_on(amy)
    assert anonymous.get(reverse("account_login")).status_code == 200


def speaks_nonsense(good: Any, anonymous: Any) -> None:
    """Expect the same sentence where the service answers JSON of another shape."""
    back = return_from(begin(anonymous))
    shapes: list[Any] = [[], "no object", 5, None, {}, {"token_endpoint": 5, "jwks_uri": []}]
    for nonsense in shapes:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(good, "_configuration", lambda nonsense=nonsense: nonsense)
            refuses(asked_for(anonymous), anonymous)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openid_service, "_send", lambda handler, _data: real(handler, shapes[0]))
        refuses(anonymous.get(back), anonymous)


@cell(
    "openid", "recover",
    does="a teacher signs in again after the service was away",
    holds="the old answer opens nothing, a new sign-in works, and makes one account",
    quick=("recover",),
)  # fmt: skip
def it_works_again(cell: Cell, request: pytest.FixtureRequest) -> None:
    anonymous = loaded(request) and request.getfixturevalue("anonymous")
    _good, server = service(request)
    back = return_from(begin(anonymous))
    server.become(Mode.REFUSE)
    refuses(anonymous.get(back), anonymous)
    server.become(Mode.PASS)
    refuses(anonymous.get(back), anonymous)
    anonymous.get(return_from(begin(anonymous)))
    assert is_signed_in(anonymous)
    assert SocialAccount.objects.count() == 1
