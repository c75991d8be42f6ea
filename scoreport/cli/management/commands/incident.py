"""``scoreport incident --from INSTANT --to INSTANT [--actor TEXT] [--organization ID] [--json] [--notices FOLDER]``."""

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli import notices
from scoreport.cli.base import Job, ScoreportCommand
from scoreport.lib.clock import parse_instant
from scoreport.organizations.queries import find
from scoreport.reports.actions import report_incident
from scoreport.reports.queries.incident import affected
from scoreport.reports.rules.incident import Incident, IncidentQuery, Touch, TouchedPlace

_SHOWN = 20


class Command(ScoreportCommand):
    job = Job.RUNNING
    help = (
        "Say whom an incident touched: which students were seen or taken out in a stretch of time, by whom, from where,"
        " counted by school. With --notices it also drafts a letter and a list of students for each school. Nothing is"
        " changed, except that the question itself is recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        example = "2026-11-21T12:00-05:00"
        parser.add_argument(
            "--from", dest="first", required=True, type=_instant, metavar=example, help="The beginning."
        )
        parser.add_argument(
            "--to", dest="end", required=True, type=_instant, metavar=example, help="The end, which is outside."
        )
        parser.add_argument("--actor", default="", metavar="TEXT", help="A part of the name or address of who acted.")
        parser.add_argument(
            "--organization", metavar="ID_OR_AI_CODE", help="Only students of this organization and those under it."
        )
        parser.add_argument("--json", action="store_true", help="Print everything as one JSON document.")
        parser.add_argument(
            "--notices", metavar="FOLDER", help="Write a draft notice and a list of students for each school there."
        )

    def run(self, **options: Any) -> str:
        """Ask, tell, and write the drafts."""
        if options["end"] <= options["first"]:
            raise CommandError(_("--to must be later than --from."))
        place = find(options["organization"]) if options["organization"] else None
        query = IncidentQuery(options["first"], options["end"], options["actor"], place)
        told = report_incident(self.actor, query=query, at=self.at)
        if options["json"]:
            self.print_json(_as_json(told))
        else:
            self.stdout.write("\n".join(_as_text(told)))
        if options["notices"]:
            self._write_notices(Path(options["notices"]), told)
        return _sentence(told)

    def _write_notices(self, folder: Path, told: Incident) -> None:
        """Write two files for each school into a new or empty folder that nobody else may read."""
        try:
            with self.progress(_("Writing notices"), total=len(told.places)) as advance:
                for path in notices.write(folder, told, lambda place: affected(self.actor, place, self.at)):
                    advance(1)
                    self.notice(str(path))
        except notices.FolderInUse as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            message = _('"%(path)s" cannot be written: %(reason)s')
            raise CommandError(message % {"path": folder, "reason": error.strerror}) from error


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _as_text(told: Incident) -> Iterator[str]:
    """Yield the answer as lines that people read."""
    yield _("Who acted")
    for actor, events in list(told.actors.items())[:_SHOWN]:
        yield f"  {events:>9,}  {actor}"
    yield _("Taken out as files")
    for out in told.taken_out[:_SHOWN]:
        yield f"  {out.at.isoformat(timespec='minutes')}  {out.actor}  {out.name}  {out.rows or '–'}"
    if len(told.taken_out) > _SHOWN:
        yield _("  … and %(count)d more; --json lists all of them.") % {"count": len(told.taken_out) - _SHOWN}
    yield _("Students by school")
    for place in told.places:
        ways = ", ".join(f"{way.value}: {count:,}" for way in Touch if (count := place.count(way)))
        yield f"  {len(place.students):>9,}  {_name(place)}  ({ways})"


def _name(place: TouchedPlace) -> str:
    if place.organization is None:
        return _("no school known")
    return f"{place.organization.name}, {place.organization.address}"


def _as_json(told: Incident) -> dict[str, object]:
    return {
        "from": told.query.first.isoformat(),
        "to": told.query.end.isoformat(),
        "actor": told.query.actor,
        "organization": told.query.organization.code if told.query.organization else None,
        "events": told.events,
        "students": told.students,
        "actors": dict(told.actors),
        "score_files": list(told.score_files),
        "taken_out": [
            {
                "at": out.at.isoformat(),
                "actor": out.actor,
                "from_address": out.address,
                "organization": out.organization,
                "name": out.name,
                "rows": out.rows,
            }
            for out in told.taken_out
        ],
        "organizations": [
            {
                "organization": place.organization.code if place.organization else None,
                "name": place.organization.name if place.organization else None,
                "students": len(place.students),
                **{way.value: place.count(way) for way in Touch},
                "events": place.events,
                "actors": list(place.actors),
            }
            for place in told.places
        ],
    }


def _sentence(told: Incident) -> str:
    students = ngettext("%(count)s student", "%(count)s students", told.students) % {"count": f"{told.students:,}"}
    schools = ngettext("%(count)s school", "%(count)s schools", len(told.places)) % {"count": f"{len(told.places):,}"}
    return _("Touched: %(students)s of %(schools)s, by %(events)s events.") % {
        "students": students,
        "schools": schools,
        "events": f"{told.events:,}",
    }
