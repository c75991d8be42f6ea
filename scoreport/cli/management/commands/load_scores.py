"""``scoreport load-scores --program clep FILE... [--accept] [--repair KINDS] [--json] [--refused-csv FILE]``."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import Refused
from scoreport.cli.base import Job, ScoreportCommand, readable_file
from scoreport.cli.reading import add_reading_arguments, tell_causes
from scoreport.imports.problems import repairs_json
from scoreport.imports.rules import HELD, FileState, Options
from scoreport.lib.tabular import csv_lines
from scoreport.programs.catalog import PROGRAMS
from scoreport.scores import actions, files
from scoreport.scores.files import FileInfo, RefusedCell

# More lines would scroll the first ones away.
_SHOWN = 20
_CHUNK = 1 << 20
_COUNTS = ("new", "changed", "same", "reverting", "doubled", "canceled", "asked", "skipped", "unmatched")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file; no ``info`` when it was not even received."""

    path: Path
    info: FileInfo | None
    error: str = ""


class Command(ScoreportCommand):
    job = Job.SCORES
    help = (
        "Check score files and, with --accept, store them. The counts of each file are printed: new, changed, the same,"
        " unmatched and refused rows. Refused rows do not keep the others of their file from being stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", type=readable_file, metavar="FILE", help="CSV or XLSX; see docs/guides/load-scores.md."
        )
        parser.add_argument(
            "--program",
            required=True,
            choices=[program.slug for program in PROGRAMS],
            help="Whose scores the files hold.",
        )
        parser.add_argument("--accept", action="store_true", help="Store what the check lets through.")
        parser.add_argument(
            "--accept-reverting",
            action="store_true",
            help="With --accept, store rows that return to values a later file replaced. Otherwise they are held.",
        )
        parser.add_argument(
            "--accept-doubles",
            action="store_true",
            help="With --accept, store tests that are on file under another ticket. Otherwise they are held.",
        )
        add_reading_arguments(parser)
        parser.add_argument("--json", action="store_true", help="Print the result as one JSON document.")
        parser.add_argument(
            "--refused-csv", type=Path, metavar="FILE", help="Write all refused rows to this file, with their reasons."
        )

    def run(self, **options: Any) -> str:
        """Take the files in their order, since a later one may correct an earlier one."""
        arguments: argparse.Namespace = argparse.Namespace(**options)
        if arguments.refused_csv:
            _make_sure_of(arguments.refused_csv)
        results = []
        for path in arguments.files:
            results.append(self._load(path, arguments))
            if not arguments.json:
                self._tell(results[-1], listed=arguments.refused_csv)
        if arguments.refused_csv:
            self._write_refused(arguments.refused_csv, results)
        if arguments.json:
            self.print_json({"program": arguments.program, "files": [self._as_json(result) for result in results]})
        return self._sentence(results, accept=arguments.accept)

    def _load(self, path: Path, arguments: argparse.Namespace) -> Loaded:
        """Receive, check and accept one file; what is wrong with it does not stop the others."""
        file_id = None
        try:
            with path.open("rb") as stream:
                chunks = iter(lambda: stream.read(_CHUNK), b"")
                file_id = actions.receive_file(
                    self.actor,
                    program=arguments.program,
                    name=path.name,
                    chunks=chunks,
                    at=self.at,
                    check_later=False,
                    options=Options(arguments.repair, arguments.sheet),
                )
            self._check(file_id, path)
            info = files.file(self.actor, file_id)
            if info.state is FileState.FAILED:
                return Loaded(path, info, info.reason)
            if info.is_all_refused:
                return Loaded(path, info, _("Every row of this file was refused."))
            if arguments.accept:
                with self.progress(_("Storing %(name)s") % {"name": path.name}):
                    actions.accept_now(
                        self.actor,
                        file_id=file_id,
                        at=self.at,
                        reverting=arguments.accept_reverting,
                        doubles=arguments.accept_doubles,
                    )
            return Loaded(path, files.file(self.actor, file_id))
        except Refused as refusal:
            return Loaded(path, files.file(self.actor, file_id) if file_id else None, str(refusal))

    def _check(self, file_id: int, path: Path) -> None:
        with path.open("rb") as stream:
            total = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b""))
        reported = 0
        with self.progress(_("Checking %(name)s") % {"name": path.name}, total=total) as advance:

            def tell(done: int, _total: int) -> None:
                nonlocal reported
                advance(done - reported)
                reported = done

            actions.check_now(self.actor, file_id=file_id, at=self.at, progress=tell)

    def _tell(self, result: Loaded, *, listed: Path | None) -> None:
        """Print what became of one file, and the first of its refused rows."""
        info = result.info
        if info is None or info.checked_at is None:
            causes = info.causes if info else ()
            self.notice(f"{result.path.name}:" if causes else f"{result.path.name}: {result.error}")
            tell_causes(self, causes, indent="  ")
            return
        counts = _("%(new)d new, %(changed)d changed, %(same)d the same, %(unmatched)d unmatched, %(refused)d refused")
        numbers = counts % {
            "new": info.new,
            "changed": info.changed,
            "same": info.same,
            "unmatched": info.unmatched,
            "refused": info.refused,
        }
        where = _("accepted as file %(id)d") if info.state is FileState.ACCEPTED else _("checked as file %(id)d")
        self.stdout.write(f"{result.path.name}: {numbers}; {where % {'id': info.id}}.")
        self._tell_held(info)
        self._tell_twin(info)
        if info.changes_nothing:
            self.stdout.write(
                _("  Nothing changes: every row that can be taken is on file already, exactly like this.")
            )
        tell_causes(self, info.causes, indent="  ")
        for notice in (*info.notices, *([result.error] if result.error else [])):
            self.notice(f"  {notice}")
        self._tell_refused(info, listed=listed)

    def _tell_held(self, info: FileInfo) -> None:
        """Say which rows could make things worse, and whether they were stored or how they are."""
        reverting = (
            ngettext(
                "%(count)d row returned to values which a later file replaced, and was stored.",
                "%(count)d rows returned to values which a later file replaced, and were stored.",
                info.reverting,
            )
            if info.accepts_reverting
            else ngettext(
                "%(count)d row returns to values which a later file replaced (--accept-reverting stores it).",
                "%(count)d rows return to values which a later file replaced (--accept-reverting stores them).",
                info.reverting,
            )
        )
        doubled = (
            ngettext(
                "%(count)d test was on file under another ticket, and was stored.",
                "%(count)d tests were on file under another ticket, and were stored.",
                info.doubled,
            )
            if info.accepts_doubles
            else ngettext(
                "%(count)d test is on file under another ticket (--accept-doubles stores it).",
                "%(count)d tests are on file under another ticket (--accept-doubles stores them).",
                info.doubled,
            )
        )
        for sentence, count in ((reverting, info.reverting), (doubled, info.doubled)):
            if count:
                self.notice(f"  {sentence % {'count': count}}")

    def _tell_twin(self, info: FileInfo) -> None:
        """Say that the same bytes were accepted before."""
        twin = files.twin_of(self.actor, info)
        if twin is not None:
            self.notice(_("  These are the same bytes as file %(id)d (%(name)s).") % {"id": twin.id, "name": twin.name})

    def _tell_refused(self, info: FileInfo, *, listed: Path | None) -> None:
        """Print the first refused rows, but those that the causes of the file explain already."""
        cells = files.refused(self.actor, info, limit=_SHOWN + 1)
        for cell in cells[:_SHOWN]:
            if cell.cause and cell.cause not in HELD:
                continue
            where = _("line %(line)d, %(column)s") % {"line": cell.line, "column": cell.column or _("the whole row")}
            self.notice(f'  {where}: "{cell.value}": {cell.reason}' if cell.value else f"  {where}: {cell.reason}")
        if len(cells) > _SHOWN and listed is None:
            self.notice(_("  … and more. --refused-csv FILE writes them all."))
        elif cells and listed is not None:
            self.notice(_("  All refused rows are in %(path)s.") % {"path": listed})

    def _write_refused(self, path: Path, results: list[Loaded]) -> None:
        header = ("file", "line", "column", "value", "reason")
        with path.open("wb") as target:
            target.writelines(csv_lines(header, self._refused(results)))

    def _refused(self, results: list[Loaded]) -> Iterator[tuple[object, ...]]:
        for result in results:
            if result.info is not None:
                for cell in files.all_refused(self.actor, result.info):
                    yield result.path.name, cell.line, cell.column, cell.value, cell.reason

    def _as_json(self, result: Loaded) -> dict[str, object]:
        info = result.info
        report: dict[str, object] = {
            "file": result.path.name,
            "id": info.id if info else None,
            "state": info.state.value if info else None,
            "rows": info.rows_total if info else 0,
        }
        report |= {name: getattr(info, name) if info else 0 for name in _COUNTS}
        cells = list(files.all_refused(self.actor, info)) if info else []
        return report | {
            "refused": [_cell(cell) for cell in cells if cell.cause not in HELD],
            "held": [_cell(cell) for cell in cells if cell.cause in HELD],
            "causes": [one.as_json() for one in info.causes] if info else [],
            "repairs": repairs_json(info.causes) if info else [],
            "notices": list(info.notices) if info else [],
            "error": result.error or None,
        }

    def _sentence(self, results: list[Loaded], *, accept: bool) -> str:
        """Say it all in a sentence or two. Raises CommandError with them when a file was not taken."""
        failed = sum(bool(result.error) for result in results)
        taken = [result.info for result in results if result.info and not result.error]
        rows, done = sum(info.refused for info in taken), len(taken)
        said = []
        if failed:
            not_taken = ngettext("%(count)d file was not taken", "%(count)d files were not taken", failed)
            said.append(not_taken % {"count": failed})
        if done and accept:
            said.append(
                ngettext("%(count)d file was accepted", "%(count)d files were accepted", done) % {"count": done}
            )
        elif done:
            said.append(ngettext("%(count)d file was checked", "%(count)d files were checked", done) % {"count": done})
        if rows:
            refused = ngettext("%(count)d row was refused", "%(count)d rows were refused", rows) % {"count": rows}
            said[-1] = f"{said[-1]}, {refused}"
        if done and not accept:
            said.append(_("Nothing was stored; --accept stores it"))
        sentence = " ".join(f"{each}." for each in said)
        if failed:
            raise CommandError(sentence)
        return sentence


def _make_sure_of(path: Path) -> None:
    """Raise CommandError, before anything is done, when a file cannot be written."""
    try:
        with path.open("wb"):
            pass
    except OSError as error:
        message = _('"%(path)s" cannot be written: %(reason)s') % {"path": path, "reason": error.strerror}
        raise CommandError(message) from error


def _cell(cell: RefusedCell) -> dict[str, object]:
    return {"line": cell.line, "column": cell.column, "value": cell.value, "reason": cell.reason}
