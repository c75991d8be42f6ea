"""The address of SAML metadata: what is trusted stays as it was, and is renewed when the address answers again."""

import ssl
import threading
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse

from scoreport.access import job
from scoreport.lib import safe_fetch
from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import set_provider
from scoreport.organizations.metadata_renewal import EVERY, renew_due
from scoreport.organizations.models import IdentityProvider
from scoreport.organizations.queries.providers import connections
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import bad_server, in_time, loaded, reads_go_on
from tests.outages.servers import BadServer, Mode
from tests.web.account.saml_service import CERTIFICATE, OTHER_CERTIFICATE, metadata, pair
from tests.world import AT, OPERATOR

ACTOR = job("upkeep")


def good_site(request: pytest.FixtureRequest) -> int:
    """Serve metadata with one more certificate, by TLS; return the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = metadata(certificates=[CERTIFICATE, OTHER_CERTIFICATE]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    path = request.getfixturevalue("tmp_path") / "both.pem"
    path.write_text("".join(pair()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    request.addfinalizer(server.server_close)
    request.addfinalizer(server.shutdown)
    return server.server_port


def set_up(request: pytest.FixtureRequest) -> BadServer:
    """Set up a service of Alder whose metadata lies at a server that may misbehave."""
    request.getfixturevalue("monkeypatch").setattr(safe_fetch, "_SECONDS", 0.5)
    server = bad_server(request, ("127.0.0.1", good_site(request)), greeting=b"\x16")
    service = idp_metadata.read(metadata().encode(), at=AT)
    set_provider(
        OPERATOR, slug="alder", organization="D-ALDER", name="Alder Portal", domains=["alder.example"],
        service=replace(service, metadata_url=f"https://127.0.0.1:{server.port}/metadata.xml"), at=AT,
    )  # fmt: skip
    return server


def fetch(url: str) -> bytes:
    """Fetch as the upkeep does, but from this machine and with any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return safe_fetch.fetch(url, most_bytes=idp_metadata.MOST_BYTES, allow_private=True, context=context)
    except safe_fetch.FetchRefused as error:
        raise idp_metadata.MetadataRefused(str(error)) from error


renew = partial(renew_due, ACTOR, fetch=fetch)


def signs_in(anonymous: Any) -> None:
    """Expect that the way to the service is open as before."""
    anonymous.post(reverse("sign_in_service"), {"email": "ann@alder.example"})
    assert anonymous.get(reverse("saml_login", args=["alder"]), headers={"host": "testserver"}).status_code == 302


@cell(
    "metadata", "refuse", "black-hole", "slow", "reset", "garbage",
    does="the upkeep renews the metadata; a teacher signs in through the service",
    holds="the certificates that were trusted stay, nothing is added, the operator reads why, people sign in",
    quick=("black-hole",),
)  # fmt: skip
def what_is_trusted_stays(cell: Cell, request: pytest.FixtureRequest) -> None:
    amy, server = loaded(request)("amy"), set_up(request)
    server.upstream = None if cell.state == "slow" else server.upstream
    server.become(cell.state)
    with in_time(3):
        assert renew(AT + EVERY) == 0
    assert len(connections(AT)[0].certificates) == 1
    assert "could not be fetched" in IdentityProvider.objects.get().metadata_problem
    signs_in(request.getfixturevalue("anonymous"))
    reads_go_on(amy)


@cell(
    "metadata", "recover",
    does="the upkeep renews the metadata on the day after",
    holds="what is new is taken once, and the operator reads of no problem any more",
)  # fmt: skip
def it_is_renewed(cell: Cell, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("world")
    server = set_up(request)
    server.become(Mode.REFUSE)
    renew(AT + EVERY)
    server.become(Mode.PASS)
    request.getfixturevalue("monkeypatch").setattr(safe_fetch, "_SECONDS", 5.0)
    assert renew(AT + 2 * EVERY) == 1
    assert renew(AT + 2 * EVERY) == 0
    assert len(connections(AT)[0].certificates) == 2
    assert IdentityProvider.objects.get().metadata_problem == ""
