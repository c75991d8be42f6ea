"""``scoreport verify``."""

from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.lib.invariants import Finding
from scoreport.organizations.actions.upkeep import anchor_restore
from scoreport.scores import verify as scores
from scoreport.vouchers import verify as vouchers


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Check every invariant of the stored data, and print what was checked; exit code 1 says that something"
        " deviates. Nothing is changed, except by --accept-restore. It may run while people work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the findings as one JSON document.")
        parser.add_argument(
            "--anchors", type=Path, metavar="FILE", help="Compare with the anchors of this file too, or of saved mails."
        )
        parser.add_argument(
            "--accept-restore",
            action="store_true",
            help="Declare that the database was restored from a backup: anchors of lost events no longer count.",
        )

    def run(self, **options: Any) -> str:
        """Print each finding as soon as it is there."""
        if options["accept_restore"]:
            self._accept_restore()
        findings: list[Finding] = []
        with self.progress(_("Checking"), total=scores.steps() + len(vouchers.CHECKS)) as advance:
            of_scores = scores.verify(at=self.at, progress=advance, anchors=options["anchors"])
            for finding in chain(of_scores, vouchers.verify(at=self.at, progress=advance)):
                findings.append(finding)
                if not options["json"]:
                    self._tell(finding)
        if options["json"]:
            self.print_json({"checks": [self._as_json(finding) for finding in findings]})
        wrong = sum(finding.deviations for finding in findings)
        if wrong:
            told = ngettext("%(count)d thing deviates.", "%(count)d things deviate.", wrong)
            raise CommandError(told % {"count": wrong})
        checked = f"{sum(finding.checked for finding in findings):,}"
        return _("Everything is as it should be: %(checks)d checks over %(things)s things, no deviation.") % {
            "checks": len(findings),
            "things": checked,
        }

    def _accept_restore(self) -> None:
        anchor = anchor_restore(self.actor, at=self.at)
        message = _("The restore is recorded. Anchors of events after event %(since)d no longer count.")
        self.notice(message % {"since": anchor.since})

    def _tell(self, finding: Finding) -> None:
        mark = self.style.ERROR("✗") if finding.deviations else self.style.SUCCESS("✓")
        self.stdout.write(f"{mark} {finding.name}: {finding.checked:,}")
        if finding.deviations:
            deviate = ngettext("%(count)s deviates:", "%(count)s deviate:", finding.deviations)
            self.notice("  " + deviate % {"count": f"{finding.deviations:,}"})
            for example in finding.examples:
                self.notice(f"    {example}")
            if finding.deviations > len(finding.examples):
                self.notice("    …")
        for note in finding.notes:
            self.notice(f"  ! {note}")

    def _as_json(self, finding: Finding) -> dict[str, object]:
        return {
            "name": finding.name,
            "checked": finding.checked,
            "deviations": finding.deviations,
            "examples": list(finding.examples),
            "notes": list(finding.notes),
        }
