"""The daily email to access managers: who exported what in their line, and who looked at very many rows.

It names people, institutions and numbers of rows, and no student. A manager gets one email about a day, however often
this runs and at how many places at once: each email has a row with a unique key, written in its transaction
(:mod:`scoreport.organizations.upkeep.once`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scoreport.access import Actor
from scoreport.audit.models import Event
from scoreport.audit.rules import Verb
from scoreport.downloads import row_limits
from scoreport.lib.clock import local, start_of_day
from scoreport.lib.zone_text import with_zone
from scoreport.organizations import telling
from scoreport.organizations.models import Organization
from scoreport.organizations.queries.managers import Manager, managers_of
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.upkeep import once
from scoreport.outbox.rules import MailKind
from scoreport.reports.rules import program_of_stored, with_program

_LOOK_BACK: Final = 7
"""Days that are made up for after a standstill, in one email."""
_LINES: Final = 100
_DAYS: Final = {"en": "M j, Y", "es": "j M Y"}
_TIMES: Final = {"en": "g:i A", "es": "G:i"}
_A_DAY: Final = dt.timedelta(days=1)
_VERBS: Final = (Verb.ROSTER_EXPORTED.value, Verb.ROSTER_PRINTED.value, Verb.LOG_EXPORTED.value)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of an email: an export, or what a person looked at on a day."""

    day: dt.date
    at: dt.datetime | None
    verb: str
    person: str
    organization: OrganizationInfo
    rows: int
    detail: str
    program: str = ""


def send(actor: Actor, at: dt.datetime) -> int:
    """Email the days that are over and were not told yet; return how many emails were written."""
    days = _days(at)
    entries = [entry for day in days for entry in _entries(day)] if days else []
    sent = sum(_email(actor, manager, own, at) for manager, own in _by_manager(entries, at))
    with transaction.atomic():
        for day in days:
            once.claim(_key(day), at)
    return sent


def _days(at: dt.datetime) -> list[dt.date]:
    """Return the days since the last one that was told: yesterday alone in a new installation."""
    today = row_limits.day_of(at)
    days = [today - number * _A_DAY for number in range(1, _LOOK_BACK + 1)]
    told = next((number for number, day in enumerate(days) if once.is_told(_key(day))), None)
    return sorted(days[:1] if told is None else days[:told])


def _key(day: dt.date, *manager: int) -> str:
    return ":".join(map(str, ("export-digest", day.isoformat(), *manager)))


def _entries(day: dt.date) -> list[_Entry]:
    """Return the exports of a day in their order, and then those who looked at many rows."""
    first, end = start_of_day(day, settings.TIME_ZONE), start_of_day(day + _A_DAY, settings.TIME_ZONE)
    events = list(Event.objects.filter(verb__in=_VERBS, at__gte=first, at__lt=end).order_by("at", "id"))
    views = row_limits.views_above(settings.VIEWED_ROWS_NOTICE, day=day)
    codes = {event.organization for event in events} | {organization for _person, organization, *_rest in views}
    places = {row.code: row.info for row in Organization.objects.filter(code__in=codes).exclude(code="")}
    exported = [
        _Entry(
            day,
            event.at,
            event.verb,
            event.actor,
            places[event.organization],
            int(event.detail.get("rows") or 0),
            str(event.detail.get("format") or ""),
            program_of_stored(event.detail),
        )
        for event in events
        if event.organization in places
    ]
    viewed = [
        _Entry(day, None, Verb.ROSTER_VIEWED.value, person, places[organization], rows, str(pages))
        for person, organization, rows, pages in views
        if organization in places
    ]
    return exported + viewed


def _by_manager(entries: Iterable[_Entry], at: dt.datetime) -> list[tuple[Manager, list[_Entry]]]:
    """Return the entries of the line of each access manager: of their organizations and those under them."""
    managers: dict[int, Manager] = {}
    found: dict[int, list[_Entry]] = defaultdict(list)
    lines: dict[int, tuple[Manager, ...]] = {}
    for entry in entries:
        place = entry.organization
        if place.id not in lines:
            lines[place.id] = managers_of(place, at)
        for person_id in {manager.person_id: None for manager in lines[place.id]}:
            found[person_id].append(entry)
        # The highest organization of a manager is the one whose access log has all of it.
        managers |= {manager.person_id: manager for manager in lines[place.id]}
    return [(managers[person_id], found[person_id]) for person_id in sorted(found)]


def _email(actor: Actor, manager: Manager, entries: list[_Entry], at: dt.datetime) -> int:
    """Write the email to one manager about the days of which they had none yet; return how many were written."""
    with transaction.atomic():
        days = sorted({entry.day for entry in entries})
        new = {day for day in days if once.claim(_key(day, manager.person_id), at)}
        if not new:
            return 0
        own = [entry for entry in entries if entry.day in new]
        with translation.override(manager.language or settings.LANGUAGE_CODE):
            exports = [_exported(entry, manager) for entry in own if entry.at is not None]
            views = [_viewed(entry) for entry in own if entry.at is None]
        telling.tell(
            actor, MailKind.EXPORTS_DIGEST, telling.told_of(manager), at,
            organization=manager.organization.name, address=manager.organization.address,
            first=min(new), last=max(new), exports=exports[:_LINES], views=views[:_LINES],
            more=max(0, len(exports) - _LINES) + max(0, len(views) - _LINES),
        )  # fmt: skip
    return 1


def _exported(entry: _Entry, manager: Manager) -> str:
    assert entry.at is not None  # noqa: S101 - tells the type checker what the caller says
    at = local(entry.at, manager.organization.time_zone)
    words = {
        "when": f"{_day(at)}, {with_zone(date_format(at, _in_language(_TIMES)), at)}",
        "person": entry.person,
        "organization": entry.organization.name,
        "rows": f"{entry.rows:,}",
        "format": entry.detail.upper(),
    }
    if entry.verb == Verb.LOG_EXPORTED:
        return _("%(when)s: %(person)s, access log of %(organization)s, rows about students: %(rows)s") % words
    if entry.verb == Verb.ROSTER_PRINTED:
        said = _("%(when)s: %(person)s, roster of %(organization)s, rows: %(rows)s, printed")
    else:
        said = _("%(when)s: %(person)s, roster of %(organization)s, rows: %(rows)s, %(format)s")
    return with_program(said % words, entry.program)


def _day(day: dt.date) -> str:
    return date_format(day, _in_language(_DAYS))


def _in_language(formats: Mapping[str, str]) -> str:
    return formats.get(translation.get_language() or "en", formats["en"])


def _viewed(entry: _Entry) -> str:
    words = {
        "day": _day(entry.day),
        "person": entry.person,
        "organization": entry.organization.name,
        "rows": f"{entry.rows:,}",
        "pages": entry.detail,
    }
    return _("%(day)s: %(person)s, roster of %(organization)s, rows: %(rows)s, pages: %(pages)s") % words
