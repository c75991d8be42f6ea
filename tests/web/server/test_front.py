"""The front of the server, by itself: waiting holds no thread, holding too much is refused, and answers are whole."""

import asyncio
import io
import tempfile
import threading
from pathlib import Path

import pytest

from scoreport.web.body import ALLOWED_KEY, PREFLIGHT_KEY
from scoreport.web.server import body
from scoreport.web.server.application import Front
from scoreport.web.server.limits import Limits, address_of

LIMITS = Limits(seconds=0.05, upload_rate=1_000_000_000, requests_per_address=3, trust_proxy=False)


@pytest.fixture(autouse=True)
def brief_linger(monkeypatch):
    """Let a refused body be read past for a moment only."""
    monkeypatch.setattr(body, "_LINGER_SECONDS", 0.1)


def pages(environ, start_response):
    """Answer with what came; take uploads of up to 200,000 bytes at /upload."""
    path, length = environ["PATH_INFO"], int(environ.get("CONTENT_LENGTH") or 0)
    if environ.get(PREFLIGHT_KEY):
        allowed = path == "/upload" and length <= 200_000
        if allowed:
            environ[ALLOWED_KEY] = 200_000
        start_response("204 No Content" if allowed else "413 Content Too Large", [])
        return [b""]
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/large":
        return (b"x" * 10_000 for _piece in range(100))
    if path == "/file":
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the server closes it
        file.write(b"y" * 300_000)
        file.seek(100_000)
        return environ["wsgi.file_wrapper"](file)
    return [repr((length, len(environ["wsgi.input"].read()), environ.get("HTTP_X_FORWARDED_FOR"))).encode()]


def scope(path="/", *headers, method="POST", client="192.0.2.1"):
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "http_version": "1.1", "scheme": "http", "root_path": "", "client": (client, 1), "server": ("test", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }  # fmt: skip


def length(number):
    return ("content-length", str(number))


CHUNKED = ("transfer-encoding", "chunked")


class Client:
    """One request: what it sends, then nothing more; and what it gets, which it may be slow to take."""

    def __init__(self, *parts, ends=True, takes=True):
        self.parts = [
            {"type": "http.request", "body": part, "more_body": not ends or number < len(parts)}
            for number, part in enumerate(parts, start=1)
        ]
        self.takes = takes
        self.events = []

    async def receive(self):
        if not self.parts:
            await asyncio.Event().wait()
        return self.parts.pop(0)

    async def send(self, event):
        if not self.takes and event["type"] == "http.response.body":
            await asyncio.Event().wait()
        self.events.append(event)

    @property
    def status(self):
        return self.events[0]["status"]

    @property
    def headers(self):
        return dict(self.events[0]["headers"])

    @property
    def content(self):
        return b"".join(event["body"] for event in self.events[1:])


def ask(*requests, limits=LIMITS, threads=1):
    """Send requests, all at the same moment."""

    async def together():
        front = Front(pages, limits, threads=threads)
        await asyncio.gather(*(front(about, client.receive, client.send) for about, client in requests))

    asyncio.run(together())


def test_a_body_is_there_before_the_application_is_asked():
    client = Client(b"abc", b"defg")
    ask((scope("/", length(7)), client))
    assert (client.status, client.content) == (200, b"(7, 7, None)")


def test_a_body_without_its_length_gets_one():
    client = Client(b"abc", b"")
    ask((scope("/", CHUNKED), client))
    assert client.content == b"(3, 3, None)"


@pytest.mark.parametrize("parts", [(), (b"a",), (b"a", b"b", b"c")])
def test_who_sends_too_slowly_is_let_go_and_holds_no_thread(parts):
    stalled = [Client(*parts, ends=False) for _each in range(3)]
    normal = Client()
    ask(*((scope("/", length(100)), client) for client in stalled), (scope("/", method="GET"), normal))
    assert [client.status for client in stalled] == [408] * 3
    assert stalled[0].headers[b"connection"] == b"close"
    assert normal.status == 200


def test_an_address_has_so_many_bodies_on_their_way_and_others_are_not_held_up():
    stalled = [Client(ends=False) for _each in range(5)]
    normal, other = Client(), Client(b"a")
    ask(
        *((scope("/", length(100)), client) for client in stalled),
        (scope("/", method="GET"), normal),
        (scope("/", length(1), client="192.0.2.2"), other),
    )
    assert sorted(client.status for client in stalled) == [408, 408, 408, 429, 429]
    assert (normal.status, other.status) == (200, 200)
    refused = next(client for client in stalled if client.status == 429)
    assert refused.headers[b"retry-after"] == b"30"
    assert b"Too many requests" in refused.content
    assert refused.headers[b"cache-control"] == b"no-store, private"


def test_without_the_limits_they_would_wait_for_ever():
    stalled = Client(ends=False)
    off = Limits(seconds=0, upload_rate=0, requests_per_address=0, trust_proxy=False)

    async def attack():
        front = Front(pages, off, threads=1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(front(scope("/", length(100)), stalled.receive, stalled.send), 0.3)

    asyncio.run(attack())
    assert not stalled.events


def test_a_large_body_is_read_only_where_the_application_takes_it():
    part = b"x" * 50_000
    for path, wanted, left in (("/upload", 200, 0), ("/", 413, 0)):
        client = Client(part, part, part)
        ask((scope(path, length(150_000)), client))
        assert (client.status, len(client.parts)) == (wanted, left)


def test_a_body_in_chunks_is_counted_and_cut():
    small = Client(b"x" * 50_000, b"x" * 50_000, b"x" * 50_000)
    ask((scope("/upload", CHUNKED), small))
    assert small.content == b"(150000, 150000, None)"
    for path in ("/", "/upload"):
        endless = Client(*[b"x" * 50_000] * 10, ends=False)
        ask((scope(path, CHUNKED), endless), limits=Limits(0.05, 0, 3, trust_proxy=False))
        assert endless.status == 413


def test_an_upload_may_take_long_but_not_for_ever():
    """With so many bytes a second it goes on beyond the seconds of a form; trickling, it ends."""

    class Slow(Client):
        async def receive(self):
            await asyncio.sleep(0.02)
            return await super().receive()

    fair = Slow(*[b"x" * 10_000] * 10)
    limits = Limits(seconds=0.1, upload_rate=100_000, requests_per_address=3, trust_proxy=False)
    ask((scope("/upload", length(100_000)), fair), limits=limits)
    assert fair.content == b"(100000, 100000, None)"
    trickling = Slow(*[b"x"] * 1000, ends=False)
    ask((scope("/upload", length(100_000)), trickling), limits=limits)
    assert trickling.status == 408


def test_who_takes_an_answer_too_slowly_gets_no_more_of_it_and_holds_no_thread():
    slow = [Client(takes=False) for _each in range(2)]
    normal = Client()
    ask(*((scope("/large", method="GET"), client) for client in slow), (scope("/", method="GET"), normal))
    assert [len(client.events) for client in slow] == [1, 1]
    assert normal.status == 200


def test_answers_are_whole():
    large, file = Client(), Client()
    ask((scope("/large", method="GET"), large), (scope("/file", method="GET"), file))
    assert (len(large.content), large.headers[b"content-length"]) == (1_000_000, b"1000000")
    assert (len(file.content), file.headers[b"content-length"]) == (200_000, b"200000")


def test_one_address_never_has_all_threads():
    held = threading.Semaphore(0)
    running = []
    begun = threading.Event()

    def application(environ, start_response):
        if environ["REMOTE_ADDR"] == "192.0.2.1":
            running.append(1)
            begun.set()
            held.acquire(timeout=10)
        start_response("200 OK", [])
        return [b"ok"]

    async def attack():
        front = Front(application, Limits(0, 0, 0, trust_proxy=False), threads=2)
        many = [asyncio.create_task(front(scope(), one.receive, one.send)) for one in (Client() for _each in range(5))]
        await asyncio.to_thread(begun.wait, 10)
        other = Client()
        await asyncio.wait_for(front(scope(client="192.0.2.2"), other.receive, other.send), 10)
        assert (other.status, len(running)) == (200, 1)
        for _each in many:
            held.release()
        await asyncio.gather(*many)

    asyncio.run(attack())


def test_a_large_body_lies_in_a_file_without_a_name(tmp_path):
    listed = []

    def application(environ, start_response):
        if not environ.get(PREFLIGHT_KEY):
            listed.extend(tmp_path.iterdir())
        return pages(environ, start_response)

    async def upload():
        front = Front(application, Limits(5, 0, 3, trust_proxy=False, temp_dir=str(tmp_path)), threads=1)
        client = Client(b"x" * 150_000)
        await front(scope("/upload", length(150_000)), client.receive, client.send)
        assert client.status == 200

    asyncio.run(upload())
    assert listed == []


def test_who_leaves_in_the_middle_is_forgotten():
    client = Client(b"a", ends=False)
    client.parts.append({"type": "http.disconnect"})
    ask((scope("/", length(100)), client))
    assert client.events == []


@pytest.mark.parametrize(
    ("client", "forwarded", "trusted", "wanted"),
    [
        ("192.0.2.1", "198.51.100.7", False, "192.0.2.1"),
        ("127.0.0.1", "198.51.100.7", True, "198.51.100.7"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.7", True, "198.51.100.7"),
        ("127.0.0.1", None, True, "127.0.0.1"),
        ("2001:db8:1:2:3::4", None, False, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", None, False, "192.0.2.1"),
        ("127.0.0.1", "nonsense", True, "nonsense"),
    ],
)
def test_the_address_is_believed_from_our_own_proxy_only(client, forwarded, trusted, wanted):
    headers = [("x-forwarded-for", forwarded)] if forwarded else []
    assert address_of(scope("/", *headers, client=client), trust_proxy=trusted) == wanted


def test_a_header_with_an_underscore_does_not_become_another_one():
    client = Client()
    ask((scope("/", ("x_forwarded_for", "10.0.0.1"), ("x-forwarded-for", "198.51.100.7")), client))
    assert client.content == b"(0, 0, '198.51.100.7')"


def test_bytes_of_an_address_are_what_was_sent():
    seen = []

    def application(environ, start_response):
        seen.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return []

    async def get():
        client = Client()
        about = scope("/\ufffd") | {"raw_path": b"/%FF%C3%A9"}
        await Front(application, LIMITS, threads=1)(about, client.receive, client.send)

    asyncio.run(get())
    assert seen == ["/\xff\xc3\xa9"]


def test_a_file_of_the_disk_is_sent_from_where_it_lies(tmp_path):
    path = Path(tmp_path / "export.csv")
    path.write_bytes(b"a,b\n" * 50_000)
    closed = []

    class Opened(io.FileIO):
        def close(self):
            closed.append(1)
            super().close()

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "200000")])
        return environ["wsgi.file_wrapper"](Opened(path))

    client = Client()

    async def get():
        await Front(application, LIMITS, threads=1)(scope(method="GET"), client.receive, client.send)

    asyncio.run(get())
    assert len(client.content) == 200_000
    assert closed
