"""``scoreport demo [--serve] [--seed N]``."""

import io
from collections.abc import Iterator
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.demo import ground, places
from scoreport.cli.demo.people import PEOPLE, DemoPerson
from scoreport.cli.demo.story import STEPS, Told, tell
from scoreport.lib.purpose import Purpose, set_purpose
from scoreport.organizations.actions.upkeep import anchor_events


class Command(ScoreportCommand):
    job = Job.SETTING_UP
    help = (
        "Build a demo with made-up people in a database of its own, and print who can sign in."
        " It needs DEMO=yes; an earlier demo is built anew, anything else is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="Another number tells another story.")
        parser.add_argument("--serve", action="store_true", help="Then serve it on http://127.0.0.1:8000.")

    def run(self, *, seed: int, serve: bool, **_options: Any) -> str:
        """Build the demo anew, print its people, and serve it if asked to."""
        ground.require_own(self.actor)
        call_command("setup", verbosity=0, stdout=io.StringIO())
        ground.clear()
        # Before anything is told, so that a demo whose building was interrupted is one.
        set_purpose(Purpose.DEMO, organizations=places.codes())
        with self.progress(_("Building the demo"), total=STEPS) as advance:
            told = tell(self.actor, seed=seed, at=self.at, progress=lambda _step: advance(1))
        ground.write_people()
        anchor_events(self.actor, at=self.at)
        self.stdout.write("\n".join((*_table(), _missing(told))))
        sentence = _(
            "The demo is ready: %(organizations)d organizations, %(tests)d tests in %(files)d files, %(people)d people"
            " to sign in as with one click."
        ) % {
            "organizations": told.organizations,
            "tests": told.tests,
            "files": told.files,
            "people": told.people,
        }
        if serve:
            self.notice(sentence)
            call_command("serve", verbosity=0)
            return _("The demo stays as it is. The same command builds it anew.")
        return sentence


def _table() -> Iterator[str]:
    """Yield the lines that say who can sign in: name, e-mail address, role and where it is held."""
    lines = [(person.name, person.email, _roles(person)) for person in PEOPLE]
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    for name, email, roles in lines:
        yield f"{name:<{widths[0]}}  {email:<{widths[1]}}  {roles}"


def _roles(person: DemoPerson) -> str:
    names = {row[1]: row[2] for row in places.rows()}
    held = (f"{role.label}, {names[code]}" if code else role.label for role, code in person.held)
    return "; ".join(held) or _("no role")


def _missing(told: Told) -> str:
    """Say which missing score can be looked for, and as whom."""
    message = _("Missing in a report, to look for as %(person)s: %(student)s, born on %(day)s, ticket %(ticket)s.")
    counselor = next(person for person in PEOPLE if person.key == "counselor")
    student = f"{told.missing.first} {told.missing.last}"
    return message % {
        "person": counselor.name,
        "student": student,
        "day": told.missing.born.isoformat(),
        "ticket": told.missing.ticket,
    }
