"""Showing the rows of a score file to program staff: page by page to who handles it, whole with a second person."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport import access
from scoreport.access import Actor, NotAllowed, NotFound, Permission
from scoreport.approvals import actions as approvals
from scoreport.approvals.actions import Reader
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind
from scoreport.audit.actions import record
from scoreport.audit.rules import Detail, Verb
from scoreport.imports.models import ImportFile
from scoreport.organizations.queries.staff import program_staff
from scoreport.people.queries import public_ids
from scoreport.scores import files
from scoreport.scores.files import FileInfo, ListedRow, ListKind, RefusedCell
from scoreport.scores.files import lists as unscoped
from scoreport.scores.files.shown import count_rows_shown, more_rows, record_by_school, whole_list
from scoreport.scores.rules import RowAccess

BY_SCHOOL: Final = "score-file-rows"
"""The subject of the events in the logs of schools; those about the file itself have another one."""


class NotListed(NotFound):
    """The rows of this list are not stored (any more)."""


class HandledAlready(access.Refused):
    """The person handles the file already."""


@dataclass(frozen=True, slots=True)
class SeenRows:
    """A page of a list: rows, or cells for the list of refused rows; ``total`` is how many pages can show."""

    rows: list[ListedRow]
    cells: list[RefusedCell]
    total: int


@dataclass(frozen=True, slots=True)
class WholeList:
    """A whole list, a batch in memory at a time: rows, or cells for the list of refused rows."""

    info: FileInfo
    rows: Iterator[ListedRow]
    cells: Iterator[RefusedCell]


def take_over(actor: Actor, *, file_id: int, at: datetime) -> None:
    """Make the person the one who handles a file and sees its rows; who handled it before sees them no more.

    Raises :class:`scoreport.access.NotAllowed`, :class:`scoreport.scores.files.UnknownFile`, :class:`HandledAlready`.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    if actor.person_id is None:
        raise NotAllowed(_("Only a person can handle a file."))
    info = files.file(actor, file_id)
    others = ImportFile.objects.filter(pk=info.id).exclude(handled_by_id=actor.person_id)
    with transaction.atomic():
        if not others.update(handled_by=actor.name, handled_by_id=actor.person_id):
            raise HandledAlready(_("You handle this file already."))
        record(
            actor, verb=Verb.FILE_TAKEN_OVER, at=at, subject_kind="score-file", subject=str(info.id),
            before=info.handled_by,
        )  # fmt: skip


def see_rows(
    actor: Actor, *, file_id: int, kind: ListKind, page: int = 1, size: int = 50, at: datetime
) -> SeenRows:  # fmt: skip
    """Return a page of a list for who handles the file; recorded with the file and at each school concerned.

    A page beyond the last one is the last one.

    Raises :class:`scoreport.access.NotAllowed` with what to do instead, :class:`NotListed`,
    :class:`scoreport.scores.files.UnknownFile`, :class:`scoreport.scores.files.shown.TooManyRows`.
    """
    info = _listed(actor, file_id, kind)
    allowed = files.row_access_of(actor, info, kind, at)
    if allowed not in {RowAccess.PAGES, RowAccess.SAMPLE}:
        raise NotAllowed(_("You don't see these rows. Open the file's page to see what you can do."))
    total = files.count_shown(actor, info, kind, at)
    first = (min(page, max(1, -(-total // size))) - 1) * size
    limit = min(size, total - first)
    if kind is ListKind.REFUSED:
        seen = SeenRows([], unscoped.refused_cells(info, first=first, limit=limit), total)
        lines = sorted({cell.line for cell in seen.cells})
        by_school = _by_school_of_lines(unscoped.schools_of_refused(info, lines))
    else:
        seen = SeenRows(unscoped.listed_rows(info, kind, first=first, limit=limit), [], total)
        lines = [row.line for row in seen.rows]
        by_school = _by_school(seen.rows)
    if lines:
        _note_page(actor, info, kind, lines, by_school, at)
    return seen


def _note_page(
    actor: Actor, info: FileInfo, kind: ListKind, lines: list[int], by_school: Mapping[int, Mapping[str, Detail]],
    at: datetime,
) -> None:  # fmt: skip
    what = f"file:{info.id}:{kind.value}:{lines[0]}-{lines[-1]}"
    with transaction.atomic():
        count_rows_shown(actor, {what: len(lines)}, at)
        record(
            actor, verb=Verb.FILE_ROWS_VIEWED, at=at, subject_kind="score-file", subject=str(info.id),
            rows=kind.value, shown=len(lines), lines=tuple(lines),
        )  # fmt: skip
        named = {number: {"list": kind.value, **said} for number, said in by_school.items()}
        record_by_school(
            actor, verb=Verb.FILE_ROWS_SHOWN, at=at, schools=named, subject_kind=BY_SCHOOL, subject=str(info.id)
        )


def _by_school(rows: list[ListedRow]) -> dict[int, Mapping[str, Detail]]:
    called = public_ids(student for row in rows for student in row.students)
    found: dict[int, list[ListedRow]] = defaultdict(list)
    for row in rows:
        for school in row.schools:
            found[school].append(row)
    return {
        school: {
            "rows": len(its),
            "lines": tuple(row.line for row in its),
            "students": tuple(
                sorted({called[student] for row in its for student in row.students if student in called})
            ),
        }
        for school, its in found.items()
    }


def _by_school_of_lines(found: Mapping[int, set[int]]) -> dict[int, Mapping[str, Detail]]:
    return {school: {"rows": len(lines), "lines": tuple(sorted(lines))} for school, lines in found.items()}


def ask_for_list(actor: Actor, *, file_id: int, kind: ListKind, reason: str, at: datetime) -> ApprovalInfo:
    """Ask another member of the staff to approve that a whole list is downloaded, once.

    Raises :class:`NotListed`, :class:`scoreport.approvals.actions.ReasonMissing`.
    """
    info = _listed(actor, file_id, kind)
    count = files.count_rows(actor, info, kind)
    subject = ngettext(
        "Download the whole list “%(list)s” of score file %(number)d (%(count)d row)",
        "Download the whole list “%(list)s” of score file %(number)d (%(count)d rows)",
        count,
    ) % {"list": kind.value, "number": info.id, "count": count}
    return _ask(actor, subject, reason, whole_list(info.id, kind.value, count), at)


def ask_for_more_rows(actor: Actor, *, reason: str, at: datetime) -> ApprovalInfo:
    """Ask another member of the staff to approve more rows than one person sees in a day.

    Raises :class:`scoreport.approvals.actions.ReasonMissing`.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    subject = _("See %(count)d more students' rows within 24 hours") % {"count": settings.STAFF_ROWS_A_DAY}
    return _ask(actor, subject, reason, more_rows(), at)


def _ask(
    actor: Actor, subject: str, reason: str, parameters: Mapping[str, str | int], at: datetime
) -> ApprovalInfo:  # fmt: skip
    others = [Reader(one.email, one.language) for one in program_staff(at) if one.id != actor.person_id]
    return approvals.ask(
        actor,
        kind=ApprovalKind.FILE_ROWS,
        subject=subject,
        reason=reason,
        parameters=parameters,
        approvers=others,
        at=at,
    )


def download_list(actor: Actor, *, file_id: int, kind: ListKind, at: datetime) -> WholeList:
    """Return a whole list, once it was approved and after a fresh sign-in; recorded at each school concerned.

    Raises :class:`scoreport.access.NotAllowed`, :class:`NotListed`,
    :class:`scoreport.approvals.actions.ApprovalNeeded`.
    """
    info = _listed(actor, file_id, kind)
    access.require_fresh_sign_in(actor, within=timedelta(minutes=settings.FRESH_SIGN_IN_MINUTES), at=at)
    count = files.count_rows(actor, info, kind)
    by_school: dict[int, dict[str, Detail]] = {
        school: {"list": kind.value, "rows": rows} for school, rows in unscoped.count_by_school(info, kind).items()
    }
    with transaction.atomic():
        approvals.require_approved(
            actor, kind=ApprovalKind.FILE_ROWS, parameters=whole_list(info.id, kind.value, count), at=at
        )
        record(
            actor, verb=Verb.FILE_ROWS_EXPORTED, at=at, subject_kind="score-file", subject=str(info.id),
            rows=kind.value, shown=count,
        )  # fmt: skip
        record_by_school(
            actor, verb=Verb.FILE_ROWS_TAKEN_OUT, at=at, schools=by_school, subject_kind=BY_SCHOOL, subject=str(info.id)
        )
    if kind is ListKind.REFUSED:
        return WholeList(info, iter(()), unscoped.all_refused_cells(info))
    return WholeList(info, unscoped.all_listed_rows(info, kind), iter(()))


def download_reasons(actor: Actor, *, file_id: int, at: datetime) -> WholeList:
    """Return line, column and reason of every refused row, without what is in it, for the person who handles the file.

    It holds no student's data, so it may go to the sender of the file. Raises :class:`scoreport.access.NotAllowed`,
    :class:`NotListed`.
    """
    info = _listed(actor, file_id, ListKind.REFUSED)
    if files.row_access_of(actor, info, ListKind.REFUSED, at) is not RowAccess.PAGES:
        raise NotAllowed(_("You don't see these rows. Open the file's page to see what you can do."))
    with transaction.atomic():
        record(
            actor, verb=Verb.FILE_REASONS_EXPORTED, at=at, subject_kind="score-file", subject=str(info.id),
            shown=info.refused,
        )  # fmt: skip
    return WholeList(info, iter(()), unscoped.all_refused_cells(info))


def _listed(actor: Actor, file_id: int, kind: ListKind) -> FileInfo:
    info = files.file(actor, file_id)
    if not files.is_listed(info, kind):
        raise NotListed(_("The rows of this list are not stored."))
    return info
