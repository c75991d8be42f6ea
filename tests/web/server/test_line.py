"""The line before the pages: in order, with an end that people are told of, and health is answered past it."""

import asyncio
import threading
from dataclasses import replace

import pytest

from scoreport.web.server.application import Front
from tests.web.server.test_front import LIMITS, Client, length, scope


class Busy:
    """Pages that are not made before ``go``; they note in which order they were asked for."""

    def __init__(self):
        self.go = threading.Event()
        self.asked = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith("/health/"):
            self.asked.append(path)
            assert self.go.wait(10)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [path.encode()]


def ask(*requests, threads=1, waiting=0, then=()):
    """Send requests one after the other and, while these stand in the line, others; then let the pages be made."""
    busy = Busy()

    async def together():
        front = Front(busy, replace(LIMITS, requests_waiting=waiting, requests_per_address=100), threads=threads)
        sent = []
        for about, client in requests:
            sent.append(asyncio.create_task(front(about, client.receive, client.send)))
            await asyncio.sleep(0)
        await asyncio.gather(*(front(about, client.receive, client.send) for about, client in then))
        busy.go.set()
        await asyncio.gather(*sent)

    asyncio.run(together())
    return busy.asked


def get(path, *headers, client="192.0.2.1", method="GET"):
    return scope(path, *headers, client=client, method=method), Client()


def addresses(number):
    return [f"192.0.2.{n}" for n in range(number)]


def test_pages_are_made_in_the_order_in_which_they_were_asked_for():
    requests = [get(f"/{n}", client=address) for n, address in enumerate(addresses(20))]
    assert ask(*requests) == [f"/{n}" for n in range(20)]
    assert [client.status for _about, client in requests] == [200] * 20


def test_who_finds_the_line_full_is_asked_to_come_back():
    in_line = [get(f"/{n}", client=address) for n, address in enumerate(addresses(3))]
    late = [get("/late", client=f"198.51.100.{n}") for n in range(4)]
    spanish = get("/late", ("accept-language", "es-MX"), client="198.51.100.9")
    asked = ask(*in_line, waiting=2, then=[*late, spanish])
    assert asked == ["/0", "/1", "/2"]
    assert [client.status for _about, client in in_line] == [200] * 3
    assert [client.status for _about, client in late] == [503] * 4
    pauses = [client.headers[b"retry-after"] for _about, client in late]
    assert len(set(pauses)) == 4
    assert pauses == [client.headers[b"refresh"] for _about, client in late]
    assert b"tries again by itself" in late[0][1].content
    assert late[0][1].headers[b"cache-control"] == b"no-store, private"
    assert "por sí sola" in spanish[1].content.decode()


def test_a_form_that_finds_the_line_full_is_not_sent_again_by_itself():
    form = scope("/form", length(3), client="198.51.100.1"), Client(b"a=1")
    ask(get("/0"), get("/1", client="192.0.2.2"), waiting=1, then=[form])
    assert form[1].status == 503
    assert b"nothing was saved" in form[1].content
    assert b"refresh" not in form[1].headers
    assert b"retry-after" in form[1].headers


def test_without_a_bound_everybody_waits():
    requests = [get(f"/{n}", client=address) for n, address in enumerate(addresses(200))]
    ask(*requests)
    assert {client.status for _about, client in requests} == {200}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_whether_we_are_alive_is_answered_past_a_full_line(path):
    health, other = get(path, client="198.51.100.1"), get("/other", client="198.51.100.2")
    ask(get("/0"), get("/1", client="192.0.2.2"), waiting=1, then=[health, other])
    assert (health[1].status, other[1].status) == (200, 503)


def test_who_sends_slowly_takes_no_place_in_the_line():
    stalled = [(scope("/", length(100), client=address), Client(b"a", ends=False)) for address in addresses(20)]
    normal = get("/normal", client="198.51.100.1")
    asked = ask(*stalled, get("/0", client="198.51.100.2"), normal, waiting=1)
    assert asked == ["/0", "/normal"]
    assert normal[1].status == 200
    assert {client.status for _about, client in stalled} == {408}


def test_one_address_leaves_a_thread_for_others():
    many = [get(f"/many{n}") for n in range(30)]
    other = get("/other", client="198.51.100.1")
    asked = ask(*many, other, threads=2)
    assert asked.index("/other") <= 2
