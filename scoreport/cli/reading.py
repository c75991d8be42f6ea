"""What commands that load files share: how a file is to be read, and what is said of causes and repairs."""

import argparse
from collections.abc import Collection, Sequence
from typing import Final

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import ScoreportCommand
from scoreport.imports.problems import FileCause, RepairKind, offers
from scoreport.organizations.rules import Problem

# More lines would scroll the first ones away; --json gives them all.
_SHOWN: Final = 50


def add_reading_arguments(parser: CommandParser) -> None:
    """Add ``--repair`` and ``--sheet``."""
    parser.add_argument(
        "--repair",
        type=_repairs,
        default=frozenset(),
        metavar="KINDS",
        help="Make these repairs where they are certain: separator, us-dates, encoding; several with commas.",
    )
    parser.add_argument("--sheet", default="", metavar="NAME", help="The sheet of a workbook; default: the first one.")


def _repairs(text: str) -> frozenset[RepairKind]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(RepairKind)]
    if unknown or not names:
        message = _('"%(name)s" is not a repair; the repairs are: %(known)s')
        raise argparse.ArgumentTypeError(message % {"name": ", ".join(unknown), "known": ", ".join(RepairKind)})
    return frozenset(map(RepairKind, names))


def tell_causes(command: ScoreportCommand, causes: Collection[FileCause], *, indent: str = "") -> None:
    """Print what was noticed over a file: once for each cause, and how to load it with the repairs it needs."""
    for one in causes:
        command.notice(f"{indent}{_place(one)}{one.sentence}{_examples(one)}")
    if offers(causes):
        # The file is read anew each time, so a repair that was made is needed again.
        kinds = {repair.kind.value for one in causes if one.offer or one.is_repaired for repair in one.repairs}
        option = f"--repair {','.join(sorted(kinds))}"
        command.notice(f"{indent}  " + _("To do so, load the file with %(option)s.") % {"option": option})


def tell_problems(command: ScoreportCommand, problems: Sequence[Problem]) -> None:
    """Print the first problems of a file; one on line 0 is of the file as a whole."""
    for one in problems[:_SHOWN]:
        where = _("Line %(line)d, %(column)s") % {"line": one.line, "column": one.column or _("the whole row")}
        what = f'"{one.value}": {one.reason}' if one.value else one.reason
        command.notice(f"{where}: {what}" if one.line else what)
    if len(problems) > _SHOWN:
        command.notice(_("… and %(count)d more; --json lists all.") % {"count": len(problems) - _SHOWN})


def problems_json(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Return problems as commands print them as JSON."""
    return [{"line": one.line, "column": one.column, "value": one.value, "reason": one.reason} for one in problems]


def _place(cause: FileCause) -> str:
    if not cause.rows or not cause.lines:
        return ""
    rows = ngettext("%(count)d row", "%(count)d rows", cause.rows) % {"count": cause.rows}
    lines = ", ".join(map(str, cause.lines))
    more = ", …" if cause.rows > len(cause.lines) else ""
    where = ngettext("line %(lines)s", "lines %(lines)s", len(cause.lines)) % {"lines": f"{lines}{more}"}
    return ", ".join([rows, where, *([", ".join(cause.columns)] if cause.columns else [])]) + ": "


def _examples(cause: FileCause) -> str:
    pairs = [f"{before} → {after}" for repair in cause.repairs[:1] for before, after in repair.preview]
    shown = pairs or [f'"{example}"' for example in cause.examples]
    return f" ({'; '.join(shown)})" if shown else ""
