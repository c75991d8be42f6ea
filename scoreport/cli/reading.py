"""What commands that load files share: how a file is to be read, and what is said of causes and repairs."""

import argparse
from collections.abc import Collection

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import ScoreportCommand
from scoreport.imports.problems import FileCause, RepairKind


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
    """Print what was noticed over a file: once for each cause, with the repair that is offered."""
    for one in causes:
        command.notice(f"{indent}{_place(one)}{one.sentence}{_examples(one)}")
        if one.offer:
            option = f"--repair {one.offer.value}"
            command.notice(f"{indent}  " + _("To do so, load the file with %(option)s.") % {"option": option})


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
