"""The mail server: mails wait in the outbox and arrive once."""

import socket
import threading
from typing import Any

import pytest
from django.db import transaction

from scoreport.lib import smtp
from scoreport.outbox import actions, delivery
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailKind, MailState
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import bad_server, in_time, loaded, reads_go_on
from tests.outages.servers import Mode
from tests.world import AT, OPERATOR

BACKEND = "scoreport.lib.smtp.EmailBackend"
TO = "amy@juniper.example"


def post() -> int:
    """Write a mail as an act of an access manager does."""
    with transaction.atomic():
        return actions.post(
            OPERATOR, kind=MailKind.ROLE_REVOKED, to=TO, at=AT, organization="Alder", role="Reports", by="Max"
        )


def send_to(settings: Any, port: int) -> None:
    """Have mails go to a port of this machine, with short time-outs."""
    settings.MAILERS = {"default": {"BACKEND": BACKEND, "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 0.3}}}


@cell(
    "mail", "refuse", "black-hole", "slow", "reset", "garbage",
    does="access is revoked, which sends an email",
    holds="pages go on; the email waits with a reason, and arrives once when the server is back",
    quick=("refuse", "black-hole", "slow"),
)  # fmt: skip
def waits(cell: Cell, request: pytest.FixtureRequest) -> None:
    settings, postman = request.getfixturevalue("settings"), request.getfixturevalue("postman")
    request.getfixturevalue("monkeypatch").setattr(smtp, "SECONDS", 0.6)
    amy = loaded(request)("amy")
    server = bad_server(request, ("127.0.0.1", settings.MAILERS["default"]["OPTIONS"]["port"]))
    send_to(settings, server.port)
    server.become(cell.state)
    number = post()
    with in_time(2):
        again = delivery.deliver(number, at=AT) or AT
    waiting = Mail.objects.get(pk=number)
    assert (waiting.state, bool(waiting.reason), again > AT) == (MailState.WAITING, True, True)
    with in_time(3):
        reads_go_on(amy)
    server.become(Mode.PASS)
    send_to(settings, server.port)
    assert delivery.deliver(number, at=again) is None
    assert delivery.deliver(number, at=again) is None
    assert [mail["Message-ID"] for mail in postman.to(TO)] == [waiting.message_id]
    assert Mail.objects.get(pk=number).state == MailState.SENT


class DeafPostman:
    """A mail server that takes each mail, and then answers nothing, or nonsense to the goodbye."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.mails: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """End."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            with client, client.makefile("rwb", buffering=0) as file:
                self._speak(file)

    def _speak(self, file: Any) -> None:
        file.write(b"220 here\r\n")
        while line := file.readline():
            if line.upper().startswith(b"DATA"):
                file.write(b"354 say it\r\n")
                body = b""
                while (text := file.readline()) not in {b".\r\n", b""}:
                    body += text
                self.mails.append(body.decode())
                if not self.answers:
                    return
                file.write(b"250 taken\r\n")
            elif line.upper().startswith(b"QUIT"):
                file.write(b"x" * 10_000 + b"\r\n")
                return
            else:
                file.write(b"250 yes\r\n")


@cell(
    "mail", "recover",
    means="the server takes the email, and its answer is lost",
    does="access is revoked, which sends an email",
    holds="the reader has it at most twice, under one Message-ID, and nobody waits for more",
    quick=("recover",),
)  # fmt: skip
def arrives_at_most_twice(cell: Cell, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue("settings")
    request.getfixturevalue("world")
    for answers, copies, end in ((False, 2, MailState.GIVEN_UP), (True, 1, MailState.SENT)):
        server = DeafPostman(answers=answers)
        request.addfinalizer(server.close)
        send_to(settings, server.port)
        number = post()
        again: Any = AT
        with in_time():
            while again:
                again = delivery.deliver(number, at=again)
        stored = Mail.objects.get(pk=number)
        assert (stored.state, len(server.mails)) == (end, copies)
        assert all(stored.message_id in mail for mail in server.mails)
