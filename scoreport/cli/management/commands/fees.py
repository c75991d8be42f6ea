"""``scoreport fees set --program clep --year 2026-2027 --exam 97.00 --remote 30.00`` and ``scoreport fees list …``."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.typed import day, typed
from scoreport.lib.money import dollars, read_cents, written
from scoreport.programs.actions import set_fee
from scoreport.programs.catalog import PROGRAMS
from scoreport.programs.queries import fees
from scoreport.programs.rules import AcademicYear, FeeInfo

_YEAR, _AMOUNT = typed(AcademicYear.parse), typed(read_cents)


class Command(ScoreportCommand):
    job = Job.VOUCHERS
    help = (
        "Set what an exam costs in an academic year, and what remote proctoring adds; or list the fees. What was"
        " ordered before keeps its fee."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT", help="What to do: set, or list.")
        setting = acts.add_parser("set", help="Set the fee of a year, from its first day or a later one.")
        setting.add_argument(
            "--program", required=True, choices=[known.slug for known in PROGRAMS], help="The program."
        )
        setting.add_argument("--year", required=True, type=_YEAR, metavar="2026-2027", help="The academic year.")
        setting.add_argument("--exam", required=True, type=_AMOUNT, metavar="97.00", help="What an exam costs.")
        setting.add_argument(
            "--remote",
            required=True,
            type=_AMOUNT,
            metavar="30.00",
            help="What a remotely taken exam costs on top.",
        )
        setting.add_argument(
            "--from", dest="starts_on", type=day, metavar="DATE", help="The first day of the fee, in the year."
        )
        listing = acts.add_parser("list", help="List all fees, the newest first.")
        listing.add_argument(
            "--program", required=True, choices=[known.slug for known in PROGRAMS], help="The program."
        )
        listing.add_argument("--json", action="store_true", help="Print the fees as JSON.")

    def run(self, *, act: str, **options: Any) -> str:
        """Do the one or the other."""
        return self._set(**options) if act == "set" else self._list(**options)

    def _set(
        self, *, program: str, year: AcademicYear, exam: int, remote: int, starts_on: dt.date | None, **_options: Any
    ) -> str:
        fee = set_fee(
            self.actor,
            program=program,
            year=year,
            exam_cents=exam,
            remote_cents=remote,
            starts_on=starts_on,
            at=self.at,
        )
        message = _("From %(day)s, an exam costs %(exam)s, and %(remote)s more when it is taken remotely.")
        return message % {
            "day": fee.starts_on.isoformat(), "exam": dollars(fee.exam_cents), "remote": dollars(fee.remote_cents),
        }  # fmt: skip

    def _list(self, *, program: str, json: bool, **_options: Any) -> str:
        known = fees(program)
        if json:
            self.print_json({"program": program, "fees": [_as_json(fee) for fee in known]})
        else:
            for fee in known:
                self.stdout.write("  ".join(_as_json(fee).values()))
        return ngettext("%(count)d fee.", "%(count)d fees.", len(known)) % {"count": len(known)}


def _as_json(fee: FeeInfo) -> dict[str, str]:
    return {
        "year": fee.year.key,
        "from": fee.starts_on.isoformat(),
        "exam": written(fee.exam_cents),
        "remote": written(fee.remote_cents),
    }
