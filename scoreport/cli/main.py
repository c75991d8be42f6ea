"""The console script ``scoreport``: our commands by the job they do, and Django's own behind them."""

import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line, load_command_class

_HELP = {"-h", "--help", "help"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; it ends the process with 0, or with 1 and a sentence that says why."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _run(given)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings are wrong: {error}")


def _run(given: list[str]) -> None:
    if given == ["--version"]:
        sys.stdout.write(f"scoreport {version('scoreport')}\n")
        return
    if not given or (given[0] in _HELP and len(given) == 1):
        django.setup()
        sys.stdout.write("\n".join(_overview()) + "\n")
        return
    if given[0] == "help":
        given = [given[1], "--help"]
    # People write load-scores; Python's modules cannot.
    execute_from_command_line(["scoreport", given[0].replace("-", "_") if given[0][0] != "-" else given[0], *given[1:]])


def _overview() -> Iterator[str]:
    """Yield the lines of ``scoreport --help``."""
    from scoreport.cli.base import Job, ScoreportCommand
    from scoreport.cli.management import commands

    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    ours: dict[str, ScoreportCommand] = {}
    for name in sorted(names):
        command = load_command_class("scoreport.cli", name)
        if isinstance(command, ScoreportCommand):
            ours[name.replace("_", "-")] = command
    width = max(map(len, ours))
    yield "Usage: scoreport COMMAND [OPTIONS]"
    for job in Job:
        yield f"\n{job.value}"
        for name, command in ours.items():
            if command.job is job:
                yield f"  {name:<{width}}  {command.help.split('. ')[0].rstrip('.')}"
    yield "\nscoreport COMMAND --help says more. Django's own commands (migrate, shell, …) work as well."


if __name__ == "__main__":
    main()
