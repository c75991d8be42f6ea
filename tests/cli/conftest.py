"""Running a command as an operator does, and reading what it says on which stream."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest
from django.core.management import load_command_class


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
