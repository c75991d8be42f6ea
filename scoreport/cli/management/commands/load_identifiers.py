"""``scoreport load-identifiers FILE``."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand, readable_file
from scoreport.people.crosswalk import CrosswalkRefused
from scoreport.scores.actions import load_crosswalk

# More lines would scroll the first ones away; --json gives them all.
_SHOWN = 50


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Load a crosswalk of student identifiers from a CSV file: records that bear one identifier are one student,"
        " whatever their names, schools and years. All errors are told before anything is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=readable_file, metavar="FILE", help="CSV, UTF-8; see docs/guides.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def run(self, *, file: Path, json: bool, **_options: Any) -> str:
        """Load the file; the list of what is wrong with it goes where the result would have gone."""
        try:
            with self.progress(_("Loading identifiers")), file.open("rb") as stream:
                known = load_crosswalk(self.actor, file=stream, name=file.name, at=self.at)
        except CrosswalkRefused as refusal:
            self._tell(refusal, as_json=json)
            raise CommandError(str(refusal)) from refusal
        counts = {"rows": known.rows, "new": known.new, "same": known.rows - known.new}
        if json:
            self.print_json(counts | {"refused": [], "file": known.file})
        return _("Identifiers: %(new)d new, %(same)d the same. File %(file)d.") % (counts | {"file": known.file})

    def _tell(self, refusal: CrosswalkRefused, *, as_json: bool) -> None:
        refused = [
            {"line": one.line, "column": one.column, "value": one.value, "reason": one.reason}
            for one in refusal.problems
        ]
        if as_json:
            self.print_json({"rows": 0, "new": 0, "same": 0, "refused": refused})
            return
        for one in refusal.problems[:_SHOWN]:
            self.notice(f"{one.line}, {one.column}: {one.value!r}: {one.reason}")
