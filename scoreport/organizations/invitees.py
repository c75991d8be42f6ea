"""Lists of people to invite: read strictly, every fault told, and looked at beside what is there already."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoreport.access import K12_ROLES, Role
from scoreport.accounts.queries import people_by_email
from scoreport.accounts.rules import normalized_email
from scoreport.imports.layout import Column, Kind, Layout
from scoreport.imports.problems import RepairKind, UnreadableFile
from scoreport.imports.table import TableRow, read_table
from scoreport.lib.clock import local_date
from scoreport.lib.text import clean, fold_name
from scoreport.organizations.models.memberships import Membership
from scoreport.organizations.queries.invitations import outstanding_at
from scoreport.organizations.rules import OrganizationInfo, Problem, role_end
from scoreport.organizations.rules.invitations import (
    MOST_AT_ONCE,
    Invitee,
    Outlook,
    Planned,
    faults_of,
    in_order,
    is_alive,
    role_names,
)

LIST: Final = Layout(
    "invitations",
    1,
    (
        Column("email", headers=("email address", "mail")),
        Column("name", Kind.NAME, may_be_absent=True),
        Column("roles", headers=("role",), may_be_absent=True),
        Column(
            "ends_on",
            Kind.DAY,
            may_be_absent=True,
            wrong=gettext_lazy("This is not a day. Write it like 2028-06-30."),
        ),
    ),
)
COLUMNS: Final = LIST.names
"""The columns of a list as we write them."""

_PIECE = re.compile(r'(?:"[^"]*"|<[^<>]*>|[^,;"<]|["<])+')
_NAME_AND_ADDRESS = re.compile(r"(?P<name>.*?)<(?P<email>[^<>]*)>\s*")


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for every line: the roles and the end that it does not name itself, today, and the last day."""

    roles: tuple[Role, ...]
    ends_on: dt.date
    today: dt.date
    last_day: dt.date


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list says; with problems nobody of it is invited."""

    invitees: tuple[Invitee, ...]
    problems: tuple[Problem, ...]
    ignored_columns: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def frame_of(
    place: OrganizationInfo, at: dt.datetime, *, roles: Sequence[Role] = (), ends_on: dt.date | None = None
) -> Frame:
    """Return what holds for people who are invited to a place now; roles end on the last day unless told."""
    today = local_date(at, place.time_zone)
    last_day = role_end(today, years=settings.ROLE_ENDS_AFTER_YEARS)
    return Frame(roles=in_order(roles), ends_on=ends_on or last_day, today=today, last_day=last_day)


# --- Pasted text ---------------------------------------------------------------------------------


def read_pasted(text: str, frame: Frame) -> Reading:
    """Read addresses as people paste them: lines, commas, semicolons; ``Name <mail>``, or the address alone."""
    invitees = [
        Invitee(email=normalized_email(email), name=clean(name), roles=frame.roles, ends_on=frame.ends_on, line=line)
        for line, row in enumerate(text.splitlines(), start=1)
        for name, email in _people_in(row)
    ]
    return _checked(invitees, [], frame)


def _people_in(row: str) -> Iterator[tuple[str, str]]:
    """Yield name and address of everybody in a line; what has no address is a name, if an address follows it."""
    waiting = ""
    for piece in (found.strip() for found in _PIECE.findall(row)):
        if not piece:
            continue
        if "@" not in piece:
            waiting = f"{waiting}, {piece}" if waiting else piece
            continue
        name, email = _name_and_address(piece)
        # "Doe, Jane <jane@…>" is one person; "Doe, jane@…" leaves a name that belongs to nobody.
        if waiting and "<" not in piece:
            yield "", waiting
            waiting = ""
        yield (f"{waiting}, {name}" if waiting and name else waiting or name), email
        waiting = ""
    if waiting:
        yield "", waiting


def _name_and_address(piece: str) -> tuple[str, str]:
    if found := _NAME_AND_ADDRESS.fullmatch(piece):
        return found["name"].strip().strip('"'), found["email"]
    words = piece.split()
    # "Jane Doe jane@…", as two cells of a spreadsheet are pasted.
    address = next((word for word in reversed(words) if "@" in word), piece)
    return " ".join(word for word in words if word is not address).strip('"'), address


# --- A file --------------------------------------------------------------------------------------


def read_file(file: IO[bytes], frame: Frame) -> Reading:
    """Read a file with the columns email, name, roles and ends_on, in any order; only email has to be there.

    Repairs that are certain are made and said: whoever invites looks at every line before anything is sent.
    """
    try:
        table = read_table(LIST, file, repairs=tuple(RepairKind), most=MOST_AT_ONCE)
    except UnreadableFile as error:
        problem = Problem(error.line or 1, error.column, error.value, error.reason)
        return Reading((), (problem,))
    invitees: list[Invitee] = []
    problems: list[Problem] = []
    for row in table.rows:
        problems += [Problem(row.line, one.column, one.value, one.reason) for one in row.problems]
        if all(one.column for one in row.problems):
            invitee, wrong = _row(row, frame)
            problems += wrong
            invitees.append(invitee)
    reading = _checked(invitees, problems, frame)
    return replace(reading, ignored_columns=table.ignored, notices=table.notices)


def _row(row: TableRow, frame: Frame) -> tuple[Invitee, list[Problem]]:
    roles, unknown = _roles(row["roles"])
    reason = _("There is no such role. Use %(roles)s; several with semicolons between them.")
    problems = [Problem(row.line, "roles", word, reason % {"roles": role_names()}) for word in unknown]
    invitee = Invitee(
        email=normalized_email(row["email"]),
        name=row["name"],
        # Without a role of its own, a row has those that were chosen for the whole list.
        roles=roles if roles or unknown else frame.roles,
        ends_on=dt.date.fromisoformat(row["ends_on"]) if row["ends_on"] else frame.ends_on,
        line=row.line,
    )
    return invitee, problems


def _roles(cell: str) -> tuple[tuple[Role, ...], list[str]]:
    """Return the roles that a cell names, by their words in files or on pages, and what is none."""
    known = {fold_name(word): role for role in K12_ROLES for word in _words_of(role)}
    words = [word.strip() for word in re.split(r"[;,|]", cell) if word.strip()]
    found = [known[fold_name(word)] for word in words if fold_name(word) in known]
    return in_order(found), [word for word in words if fold_name(word) not in known]


def _words_of(role: Role) -> tuple[str, ...]:
    """Return what a role is called: in files, and on pages in English and in the reader's language."""
    with translation.override("en"):
        english = role.label
    return role.value, english, english.partition(" (")[0], role.label, role.label.partition(" (")[0]


def as_csv(invitees: Iterable[Invitee]) -> str:
    """Write a list so that :func:`read_file` reads the same people again."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in invitees:
        roles = ";".join(role.value for role in one.roles)
        writer.writerow([one.email, one.name, roles, one.ends_on.isoformat()])
    return buffer.getvalue()


# --- What is wrong, and what becomes of the rest -------------------------------------------------


def _checked(invitees: Sequence[Invitee], found: Sequence[Problem], frame: Frame) -> Reading:
    """Add what is wrong in each line and between lines; a line with a problem of its own is not told twice."""
    problems = list(found)
    if not invitees and not problems:
        problems.append(Problem(1, "email", "", _("Nobody is named here. Give at least one e-mail address.")))
    if len(invitees) > MOST_AT_ONCE:
        reason = _("A list has up to %(limit)d people. Split it.") % {"limit": MOST_AT_ONCE}
        problems.append(Problem(invitees[MOST_AT_ONCE].line, "", "", reason))
        invitees = invitees[:MOST_AT_ONCE]
    told = {(problem.line, problem.column) for problem in problems}
    before: dict[str, Invitee] = {}
    for one in invitees:
        faults = faults_of(one, today=frame.today, last_day=frame.last_day)
        problems += [Problem(one.line, *fault) for fault in faults if (one.line, fault[0]) not in told]
        first = before.setdefault(one.email, one)
        if one.email and replace(one, line=first.line) != first:
            reason = _("Line %(line)d names this address with another name, role or end. Keep one of the two.")
            problems.append(Problem(one.line, "email", one.email, reason % {"line": first.line}))
    return Reading(tuple(invitees), tuple(sorted(problems, key=lambda one: (one.line, one.column))))


def plan(place: OrganizationInfo, invitees: Sequence[Invitee], at: dt.datetime) -> list[Planned]:
    """Say what becomes of each line of a list without problems; unscoped."""
    emails = {one.email for one in invitees}
    people = people_by_email(emails)
    held = _held(place, [person.id for person in people.values()])
    waiting = outstanding_at(place.id, emails)
    seen: set[str] = set()
    planned = []
    for one in invitees:
        holder = people.get(one.email)
        ends = held.get(holder.id, {}) if holder else {}
        if one.email in seen:
            outlook = Outlook.REPEATED
        elif holder and all(ends.get(role, dt.date.min) >= one.ends_on for role in one.roles):
            outlook = Outlook.HELD
        elif one.email in waiting and is_alive(waiting[one.email][1], at):
            outlook = Outlook.OPEN
        else:
            outlook = Outlook.NEW
        seen.add(one.email)
        planned.append(Planned(one, outlook))
    return planned


def _held(place: OrganizationInfo, user_ids: Sequence[int]) -> dict[int, dict[Role, dt.date]]:
    """Return until when people hold which roles at a place."""
    rows = Membership.objects.filter(organization_id=place.id, user_id__in=user_ids, revoked_at__isnull=True)
    held: dict[int, dict[Role, dt.date]] = {}
    for user_id, role, ends_on in rows.values_list("user_id", "role", "ends_on"):
        held.setdefault(user_id, {})[Role(role)] = ends_on
    return held
