"""The proxies of deploy/, started as they are but for addresses and certificates, under the same bad clients."""

import http.client
import os
import select
import shutil
import sys
from typing import NamedTuple

import pytest

from tests.cli.servers import HEAD, ROOT, answer_of, free_port, page, started

pytestmark = pytest.mark.slow

NGINX_MAIN = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Proxy(NamedTuple):
    name: str
    port: int


def changed(name, changes):
    """Return a file of deploy/ with what a test has to change; every change has to fit."""
    content = (ROOT / "deploy" / name).read_text()
    for old, new in changes.items():
        assert old in content, old
        content = content.replace(old, new)
    return content


def nginx(folder, port, upstream):
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "    listen [::]:443 ssl;\n": "",
        "    ssl_certificate /etc/ssl/scores.example.org.pem;\n": "",
        "    ssl_certificate_key /etc/ssl/private/scores.example.org.key;\n": "",
        "    listen 80;\n    listen [::]:80;\n": f"    listen 127.0.0.1:{free_port()};\n",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "client_header_timeout 20s": "client_header_timeout 2s",
        "client_body_timeout 20s": "client_body_timeout 2s",
    }
    (folder / "site.conf").write_text(changed("nginx.conf", changes))
    user = "root" if os.geteuid() == 0 else "nobody"
    (folder / "nginx.conf").write_text(NGINX_MAIN.format(folder=folder, user=user))
    return ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder, port, upstream):
    changes = {
        "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tservers {",
        "scores.example.org {": f"http://127.0.0.1:{port} {{",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "read_header 20s": "read_header 2s",
    }
    (folder / "Caddyfile").write_text(changed("Caddyfile", changes))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def find(program):
    """Skip the test where there is no such program; on the machine that guards main there has to be one."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/bin")
    if not found and program in os.environ.get("REQUIRE_PROXIES", "").split():
        pytest.fail(f"{program} is not installed, and REQUIRE_PROXIES names it.")
    if not found:
        pytest.skip(f"{program} is not installed, so its configuration in deploy/ is not tried.")
    return found


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda make: make.__name__)
def proxy(request, server, tmp_path_factory):
    """Return a proxy in front of the real server."""
    found = find(request.param.__name__)
    folder, port = tmp_path_factory.mktemp(request.param.__name__), free_port()
    command = [found, *request.param(folder, port, server)[1:]]
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with started(command, port, env=environment):
        yield Proxy(request.param.__name__, port)


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"x", HEAD[:40]])
def test_idle_clients_stop_nobody(proxy, connect, sent):
    idle = [connect(proxy.port, source="127.0.0.2") for _each in range(50)]
    for client in idle:
        client.sendall(sent)
    assert page(proxy.port)[0] == 200
    if proxy.name == "nginx" or not sent.startswith(HEAD):
        # Caddy keeps the connection of a body that stalls, for two hours at most; no thread of ours waits for it.
        assert {answer_of(client) for client in idle} <= {"HTTP/1.1 408 Request Timeout", ""}


def test_clients_that_take_nothing_stop_nobody(proxy, connect):
    for _each in range(8):
        slow = connect(proxy.port, buffer=2048, source="127.0.0.2")
        slow.sendall(b"GET /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50)
    assert page(proxy.port)[0] == 200


@pytest.mark.parametrize(("path", "wanted"), [(b"/account/login/", "413"), (b"/desk/upload/", "302")])
def test_a_huge_body_is_refused_before_it_is_sent(proxy, connect, path, wanted):
    client = connect(proxy.port)
    client.sendall(HEAD.replace(b"/account/login/", path).replace(b": 1000", b": 199000000"))
    sent = 0
    while True:
        readable, writable, _failed = select.select([client], [client], [], 30)
        assert readable or writable
        if readable:
            break
        sent += client.send(b"x" * 65_536)
    assert client.recv(100).split()[1].decode() == wanted
    assert sent < 199_000_000


PROXIED = """
from granian import Granian
from granian.constants import Interfaces
Granian("echo:application", address="127.0.0.1", port={port}, interface=Interfaces.WSGI, blocking_threads=1).serve()
"""
ECHO = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    names = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
    return ["|".join(environ.get(name, "") for name in names).encode()]
"""


@pytest.mark.parametrize("make", [nginx, caddy], ids=lambda make: make.__name__)
def test_nobody_chooses_the_address_that_they_are_recorded_with(make, tmp_path):
    found = find(make.__name__)
    (tmp_path / "echo.py").write_text(ECHO)
    upstream, port = free_port(), free_port()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    echo = [sys.executable, "-c", PROXIED.format(port=upstream)]
    command = [found, *make(tmp_path, port, upstream)[1:]]
    with started(echo, upstream, env=environment), started(command, port, env=environment):
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        asking.request("GET", "/", headers={"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https"})
        assert asking.getresponse().read() == b"127.0.0.1|http"
        asking.close()
