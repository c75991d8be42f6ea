"""``scoreport load-organizations FILE``."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand, readable_file
from scoreport.organizations.actions import load_organizations
from scoreport.organizations.intake import FileRefused

# More lines would scroll the first ones away; --json gives them all.
_SHOWN = 50


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Load states, districts, schools and other organizations from a CSV file. The same file again changes nothing;"
        " organizations that it does not name stay as they are. All errors are told before anything is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=readable_file, metavar="FILE", help="CSV, UTF-8; see docs/guides.")
        parser.add_argument(
            "--accept-reverting",
            action="store_true",
            help="Store rows that return to what a later file replaced. Otherwise they are held.",
        )
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def run(self, *, file: Path, json: bool, accept_reverting: bool, **_options: Any) -> str:
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
                )
        except FileRefused as refusal:
            self._tell(refusal, as_json=json)
            raise CommandError(str(refusal)) from refusal
        if loaded.ignored_columns:
            self.notice(_("These columns were ignored: %s.") % ", ".join(loaded.ignored_columns))
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
            more = {"file": loaded.file, "reverting": loaded.held, "ignored_columns": loaded.ignored_columns}
            self.print_json(counts | {"refused": []} | more)
        sentence = _("Organizations: %(new)d new, %(changed)d changed, %(same)d the same. File %(file)d.")
        return sentence % (counts | {"file": loaded.file})

    def _tell(self, refusal: FileRefused, *, as_json: bool) -> None:
        if as_json:
            refused = [
                {"line": one.line, "column": one.column, "value": one.value, "reason": one.reason}
                for one in refusal.problems
            ]
            self.print_json({"new": 0, "changed": 0, "same": 0, "refused": refused})
            return
        for one in refusal.problems[:_SHOWN]:
            where = _("Line %(line)d, %(column)s") % {"line": one.line, "column": one.column or _("the whole row")}
            self.notice(f'{where}: "{one.value}": {one.reason}' if one.value else f"{where}: {one.reason}")
        if len(refusal.problems) > _SHOWN:
            self.notice(_("… and %(count)d more; --json lists all.") % {"count": len(refusal.problems) - _SHOWN})
