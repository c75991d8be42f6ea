"""``scoreport load-organizations FILE [--repair KINDS] [--sheet NAME]``."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand, readable_file
from scoreport.cli.reading import add_reading_arguments, problems_json, tell_causes, tell_problems
from scoreport.imports.problems import RepairKind, offers, repairs_json
from scoreport.imports.rules import Options
from scoreport.organizations.actions import load_organizations
from scoreport.organizations.intake import FileRefused
from scoreport.organizations.rules import Loaded


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Load states, districts, schools and other organizations from a file. The same file again changes nothing."
        " Organizations that it does not name stay as they are. All errors are listed before anything is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=readable_file, metavar="FILE", help="CSV or XLSX; see docs/guides.")
        parser.add_argument(
            "--accept-reverting",
            action="store_true",
            help="Store rows that return to what a later file replaced. Otherwise they are held.",
        )
        add_reading_arguments(parser)
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def run(
        self,
        *,
        file: Path,
        json: bool,
        accept_reverting: bool,
        repair: frozenset[RepairKind],
        sheet: str,
        **_options: Any,
    ) -> str:
        """Load the file; the list of what is wrong with it goes where the result would have gone."""
        try:
            with self.progress(_("Reading")) as advance, file.open("rb") as stream:
                loaded = load_organizations(
                    self.actor,
                    file=stream,
                    name=file.name,
                    reverting=accept_reverting,
                    at=self.at,
                    progress=advance,
                    options=Options(repair, sheet),
                )
        except FileRefused as refusal:
            self._tell(refusal, as_json=json)
            raise CommandError(str(refusal)) from refusal
        for notice in loaded.notices:
            self.notice(notice)
        if loaded.held:
            message = ngettext(
                "%(count)d row returns to what a later file replaced and was held (--accept-reverting stores it).",
                "%(count)d rows return to what a later file replaced and were held (--accept-reverting stores them).",
                loaded.held,
            )
            self.notice(message % {"count": loaded.held})
        counts = {"new": loaded.new, "changed": loaded.changed, "same": loaded.same}
        if json:
            self.print_json(counts | _more(loaded))
        sentence = _("Organizations: %(new)d new, %(changed)d changed, %(same)d the same. File %(file)d.")
        return sentence % (counts | {"file": loaded.file})

    def _tell(self, refusal: FileRefused, *, as_json: bool) -> None:
        if as_json:
            report = {"refused": problems_json(refusal.problems), "repairs": repairs_json(refusal.causes)}
            self.print_json({"new": 0, "changed": 0, "same": 0} | report)
            return
        tell_causes(self, refusal.causes)
        if not offers(refusal.causes):
            tell_problems(self, refusal.problems)


def _more(loaded: Loaded) -> dict[str, object]:
    """Return what the JSON says beside the counts."""
    return {
        "refused": [],
        "skipped": loaded.skipped,
        "repairs": repairs_json(loaded.causes),
        "file": loaded.file,
        "reverting": loaded.held,
        "ignored_columns": loaded.ignored_columns,
    }
