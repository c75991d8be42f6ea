"""What all commands share: their names, their help, their streams and their exit codes."""

import json
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError

from scoreport.access import ActorKind, Refused
from scoreport.cli import main as console
from scoreport.cli.base import Job, ScoreportCommand, readable_file

REFUSAL = Refused("The file was accepted already.")


class Told(ScoreportCommand):
    """A command that does what it is told."""

    job = Job.RUNNING
    help = "Do what is told. And no more."

    def add_arguments(self, parser):
        parser.add_argument("--refuse", action="store_true")
        parser.add_argument("--stop", action="store_true")
        parser.add_argument("--data", action="store_true")
        parser.add_argument("--number", type=int)

    def run(self, *, refuse, stop, data, **options):
        if refuse:
            raise REFUSAL
        if stop:
            raise KeyboardInterrupt
        if data:
            self.print_json({"name": "José", "actor": self.actor.name, "aware": self.at.tzinfo is not None})
        with self.progress("Working", total=2) as advance:
            advance(2)
        return "Two things were done."


def run(capsys, *arguments):
    """Run the command and return exit code, standard output and standard error."""
    # Django writes to the streams that a command was made with.
    command = Told(stdout=sys.stdout, stderr=sys.stderr, no_color=True)
    code = 0
    try:
        # The checks before a command look at this machine's data folder and database, which are not the tests'.
        command.run_from_argv(["scoreport", "do_told", "--skip-checks", *arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    return code, *capsys.readouterr()


@pytest.fixture(autouse=True)
def keep_connections(monkeypatch):
    monkeypatch.setattr("scoreport.cli.base.connections.close_all", lambda: None)


def test_a_command_ends_with_its_sentence(capsys):
    assert run(capsys) == (0, "Two things were done.\n", "")


def test_data_has_standard_output_to_itself(capsys):
    code, out, err = run(capsys, "--data")
    assert (code, err) == (0, "Two things were done.\n")
    assert json.loads(out) == {"name": "José", "actor": "scoreport test-base", "aware": True}


def test_a_refusal_is_its_sentence_and_exit_code_1(capsys):
    assert run(capsys, "--refuse") == (1, "", "The file was accepted already.\n")


def test_a_refusal_reaches_other_commands_as_an_error():
    with pytest.raises(CommandError, match=r"accepted already\.$"):
        call_command(Told(), refuse=True)


def test_ctrl_c_ends_with_a_sentence(capsys):
    code, _out, err = run(capsys, "--stop")
    assert code == 1
    assert "Stopped" in err


@pytest.mark.parametrize("arguments", [["--number", "x"], ["--unknown"], ["extra"]])
def test_wrong_usage_is_exit_code_1_too(capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("usage: scoreport do-told")


def test_help_hides_what_no_operator_needs(capsys):
    code, out, _err = run(capsys, "--help")
    assert code == 0
    assert "scoreport do-told" in out
    assert "And no more." in out
    assert "--pythonpath" not in out


def test_who_acts_is_the_command():
    command = Told()
    call_command(command)
    assert (command.actor.kind, command.actor.is_trusted) == (ActorKind.COMMAND, True)


@pytest.mark.parametrize(("path", "words"), [("no/such/file", "there is no file"), (".", "cannot be read")])
def test_a_file_that_cannot_be_read_is_told_before_the_work_begins(path, words):
    import argparse

    with pytest.raises(argparse.ArgumentTypeError, match=words):
        readable_file(path)


# --- The console script ----------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_our_commands_by_job(capsys, golden, arguments):
    console.main(arguments)
    golden("commands.txt", capsys.readouterr().out)


def test_every_command_says_its_job_and_what_it_does():
    from pkgutil import iter_modules

    from django.core.management import load_command_class

    from scoreport.cli.management import commands

    theirs = {"check", "db_worker", "runserver"}  # Of Django and of its queue; they only refuse more than they did.
    ours = [module for module in iter_modules(commands.__path__) if module.name not in theirs]
    for module in ours:
        command = load_command_class("scoreport.cli", module.name)
        assert isinstance(command, ScoreportCommand), module.name
        assert isinstance(command.job, Job)
        assert command.help.endswith(".")


@pytest.mark.parametrize(
    ("given", "run"),
    [
        (["load-scores", "--program", "clep"], ["scoreport", "load_scores", "--program", "clep"]),
        (["help", "load-scores"], ["scoreport", "load_scores", "--help"]),
        (["migrate", "--plan"], ["scoreport", "migrate", "--plan"]),
    ],
)
def test_names_are_written_with_hyphens_and_djangos_commands_pass(monkeypatch, given, run):
    asked: list[list[str]] = []
    monkeypatch.setattr(console, "execute_from_command_line", asked.append)
    console.main(given)
    assert asked == [run]


def test_the_version_is_the_changelogs(capsys):
    console.main(["--version"])
    assert capsys.readouterr().out.startswith("scoreport 0.")


def test_wrong_settings_are_a_sentence(monkeypatch):
    wrong = ImproperlyConfigured("DEMO='maybe' is neither yes nor no.")

    def complain(_arguments):
        raise wrong

    monkeypatch.setattr(console, "execute_from_command_line", complain)
    with pytest.raises(SystemExit, match="The settings are wrong: DEMO='maybe'"):
        console.main(["migrate"])
