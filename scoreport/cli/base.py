"""What our commands share: who acts and when, a progress bar, a closing sentence, refusals as exit code 1."""

import argparse
import json
import sys
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    SystemCheckError,
    handle_default_options,
)
from django.db import connections
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scoreport import access
from scoreport.access import Refused
from scoreport.lib import clock

Advance = Callable[[int], None]


class Job(Enum):
    """What a command is for; ``scoreport --help`` lists the commands under these."""

    SETTING_UP = "Setting up"
    ORGANIZATIONS = "Organizations and people"
    SCORES = "Scores"
    REPORTS = "Reports"
    VOUCHERS = "Vouchers"
    RUNNING = "Running"


class ScoreportCommand(BaseCommand):
    """A command of ours. Subclasses say their ``job`` and ``help``, and do their work in :meth:`run`."""

    job: ClassVar[Job]
    # Switches of Django's that no operator needs; they work all the same.
    suppressed_base_arguments = {
        "--force-color",
        "--no-color",
        "--pythonpath",
        "--settings",
        "--skip-checks",
        "--traceback",
        "--verbosity",
        "--version",
    }

    @abstractmethod
    def run(self, *args: Any, **options: Any) -> str:
        """Do the work, with one call into the domain, and return the sentence that says what was done.

        Refusals of the domain are raised; they become exit code 1 and their own sentence.
        """

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run as the operator, at this instant."""
        self.name = self.__module__.rpartition(".")[2].replace("_", "-")
        self.actor = access.command(self.name)
        self.at = clock.now()
        self._wrote_data = False
        self._is_quiet = options["verbosity"] == 0
        try:
            sentence = self.run(**options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        # What a machine reads from standard output is not to be followed by a sentence for people.
        stream = self.stderr if self._wrote_data else self.stdout
        stream.write(sentence, self.style.SUCCESS if stream is self.stdout else str)

    def print_data(self, text: str) -> None:
        """Write what a machine will read to standard output; the closing sentence then goes to standard error."""
        self._wrote_data = True
        self.stdout.write(text, ending="" if text.endswith("\n") else "\n")

    def print_json(self, data: object) -> None:
        """Write one JSON document to standard output."""
        self.print_data(json.dumps(data, ensure_ascii=False, indent=2))

    def notice(self, text: str) -> None:
        """Tell people something beside the result: a warning, a refused row, where a list is."""
        self.stderr.write(text, str)

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Show how far the work is, on a terminal; gives a function to call with the number of things done."""
        console = Console(stderr=True)
        if self._is_quiet or not console.is_terminal:
            yield lambda _count: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(label, total=total)
            yield lambda count: bar.advance(task, count)

    # --- How Django starts it ------------------------------------------------------------------

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Show the command under the name that people type."""
        return super().create_parser(prog_name, subcommand.replace("_", "-"), **kwargs)

    def get_version(self) -> str:
        """Return our version, not Django's."""
        return version("scoreport")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the command line: exit code 0, or 1 with a sentence on standard error."""
        self._called_from_command_line = True
        parser = self.create_parser(argv[0], argv[1])
        try:
            options = vars(parser.parse_args(argv[2:]))
        except SystemExit as end:
            # argparse has its own number for wrong usage; ours are 0 and 1.
            sys.exit(1 if end.code else 0)
        positional = options.pop("args", ())
        handle_default_options(argparse.Namespace(**options))
        try:
            self.execute(*positional, **options)
        except (CommandError, SystemCheckError) as error:
            if options["traceback"]:
                raise
            self.stderr.write(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            self.stderr.write(_("Stopped. What was not finished was not stored."))
            sys.exit(1)
        finally:
            connections.close_all()


def readable_file(text: str) -> Path:
    """Take a path from the command line; raises ArgumentTypeError, with a sentence, when it is no file to read."""
    path = Path(text)
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError as error:
        raise argparse.ArgumentTypeError(_('there is no file "%(path)s"') % {"path": text}) from error
    except OSError as error:
        raise argparse.ArgumentTypeError(
            _('"%(path)s" cannot be read: %(reason)s') % {"path": text, "reason": error.strerror}
        ) from error
