"""Running a command as an operator does, and reading what it says on which stream."""

import io
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest
from django.core.management import load_command_class

from tests import static_made
from tests.cli.servers import free_port, started


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def scoreport(monkeypatch) -> Callable[..., Said]:
    """Return a function that runs ``scoreport COMMAND ARGUMENTS…`` in this process and database."""
    # Closing the connection at the end would end the test's own transaction.
    monkeypatch.setattr("scoreport.cli.base.connections.close_all", lambda: None)
    # Who may read the data folder of this machine is no matter of these tests.
    monkeypatch.setattr("scoreport.checks.private_paths", lambda *_paths: [])

    def run(name: str, *arguments: object) -> Said:
        out, err = io.StringIO(), io.StringIO()
        code = 0
        # A command keeps the streams that it finds when it is made.
        with redirect_stdout(out), redirect_stderr(err):
            command = load_command_class("scoreport.cli", name.replace("-", "_"))
            try:
                command.run_from_argv(["scoreport", name, *map(str, arguments)])
            except SystemExit as end:
                code = int(end.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def installation(tmp_path_factory):
    """Return the environment of an installation of its own that is set up."""
    own = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG", "DEMO"}}
    own["SCOREPORT_DATA_DIR"] = str(tmp_path_factory.mktemp("installation"))
    static_made.set_up(own)
    return own


@pytest.fixture(scope="session")
def server(installation):
    """Return the port of a web server that waits two seconds for its clients, in an installation of its own."""
    port = free_port()
    environment = {**installation, "CLIENT_TIMEOUT_SECONDS": "2", "REQUESTS_PER_ADDRESS": "20", "TRUST_PROXY": "yes"}
    web = [sys.executable, "-m", "scoreport.cli.children", "web", "127.0.0.1", str(port), "1"]
    with started(web, port, env=environment):
        yield port


@pytest.fixture
def connect():
    """Return a function that opens connections, which are closed after the test."""
    with ExitStack() as opened:

        def to(port, *, buffer=0, source="127.0.0.1"):
            client = opened.enter_context(socket.socket())
            if buffer:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            client.settimeout(30)
            client.bind((source, 0))
            client.connect(("127.0.0.1", port))
            return client

        yield to
