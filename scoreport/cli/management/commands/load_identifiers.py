"""``scoreport load-identifiers FILE [--repair KINDS] [--sheet NAME]``."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand, readable_file
from scoreport.cli.reading import add_reading_arguments, problems_json, tell_causes, tell_problems
from scoreport.imports.problems import RepairKind, offers, repairs_json
from scoreport.imports.rules import Options
from scoreport.people.crosswalk import CrosswalkRefused
from scoreport.scores.actions import load_crosswalk


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Load a crosswalk of student identifiers from a file. Records with the same identifier are one student,"
        " even if names, schools and years differ. All errors are listed before anything is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=readable_file, metavar="FILE", help="CSV or XLSX; see docs/guides.")
        add_reading_arguments(parser)
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def run(self, *, file: Path, json: bool, repair: frozenset[RepairKind], sheet: str, **_options: Any) -> str:
        """Load the file; the list of what is wrong with it goes where the result would have gone."""
        try:
            with self.progress(_("Loading identifiers")), file.open("rb") as stream:
                known = load_crosswalk(
                    self.actor, file=stream, name=file.name, at=self.at, options=Options(repair, sheet)
                )
        except CrosswalkRefused as refusal:
            self._tell(refusal, as_json=json)
            raise CommandError(str(refusal)) from refusal
        for said in known.notices:
            self.notice(said)
        counts = {"rows": known.rows, "new": known.new, "same": known.rows - known.new}
        if json:
            report = {"refused": [], "skipped": known.skipped, "repairs": repairs_json(known.causes)}
            self.print_json(counts | report | {"file": known.file})
        return _("Identifiers: %(new)d new, %(same)d the same. File %(file)d.") % (counts | {"file": known.file})

    def _tell(self, refusal: CrosswalkRefused, *, as_json: bool) -> None:
        if as_json:
            report = {"refused": problems_json(refusal.problems), "repairs": repairs_json(refusal.causes)}
            self.print_json({"rows": 0, "new": 0, "same": 0} | report)
            return
        tell_causes(self, refusal.causes)
        if not offers(refusal.causes):
            tell_problems(self, refusal.problems)
