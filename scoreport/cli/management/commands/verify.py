"""``scoreport verify``."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.scores.verify import Finding, steps, verify


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Check every invariant of the stored data, and print what was checked. Nothing is changed; exit code 1 says"
        " that something deviates. It may run while people work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the findings as one JSON document.")

    def run(self, **options: Any) -> str:
        """Print each finding as soon as it is there."""
        findings: list[Finding] = []
        with self.progress(_("Checking"), total=steps()) as advance:
            for finding in verify(at=self.at, progress=advance):
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

    def _as_json(self, finding: Finding) -> dict[str, object]:
        return {
            "name": finding.name,
            "checked": finding.checked,
            "deviations": finding.deviations,
            "examples": list(finding.examples),
        }
