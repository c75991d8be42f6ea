"""Where each score file stands, what its check found, and who did what with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound, Permission
from scoreport.audit.queries import events_of
from scoreport.audit.rules import EventInfo
from scoreport.imports.models import ImportFile
from scoreport.imports.problems import FileCause
from scoreport.imports.rules import FileState

_HISTORY = 200
_SCORES = ImportFile.objects.filter(kind="scores")


class UnknownFile(NotFound):
    """There is no score file of this number."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A score file as pages and commands see it; the row counts are those of its newest check."""

    id: int
    program: str
    layout: str
    name: str
    size: int
    sha256: str
    state: FileState
    reason: str
    notices: tuple[str, ...]
    received_at: datetime
    received_by: str
    handled_by: str
    handled_by_id: int | None
    checked_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str
    accepted_order: int | None
    undone_at: datetime | None
    undone_by: str
    rows_done: int
    rows_total: int
    new: int
    changed: int
    same: int
    unmatched: int
    refused: int
    reverting: int
    doubled: int
    asked: int
    canceled: int
    skipped: int
    accepts_reverting: bool
    accepts_doubles: bool
    causes: tuple[FileCause, ...]
    """What was noticed over the file, with the repairs that are offered or were made."""

    @property
    def changes_nothing(self) -> bool:
        """Whether everything that could be read of the file is stored already; not of a file without a good row."""
        return bool(self.same) and self.taken == self.same and not self.held

    @property
    def is_all_refused(self) -> bool:
        """Whether the file has rows and none of them could be read."""
        return self.refused > 0 and not self.taken and not self.held

    @property
    def taken(self) -> int:
        """How many rows are, or would be, taken."""
        return self.new + self.changed + self.same + self.reverting + self.doubled - self.held

    @property
    def held(self) -> int:
        """How many rows are, or would be, held because they could make things worse."""
        reverting = 0 if self.accepts_reverting else self.reverting
        return reverting + (0 if self.accepts_doubles else self.doubled)


def info_of(row: ImportFile) -> FileInfo:
    """Return a file without its row."""
    return FileInfo(
        id=row.pk,
        program=row.program,
        layout=row.layout,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        state=FileState(row.state),
        reason=row.reason,
        notices=tuple(row.notices),
        received_at=row.received_at,
        received_by=row.received_by,
        handled_by=row.handled_by,
        handled_by_id=row.handled_by_id,
        checked_at=row.checked_at,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        accepted_order=row.accepted_order,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        rows_done=row.rows_done,
        rows_total=row.rows_total,
        new=row.rows_new,
        changed=row.rows_changed,
        same=row.rows_same,
        unmatched=row.rows_unmatched,
        refused=row.rows_refused,
        reverting=row.rows_reverting,
        doubled=row.rows_doubled,
        asked=row.rows_asked,
        canceled=row.rows_canceled,
        skipped=row.rows_skipped,
        accepts_reverting=row.accepts_reverting,
        accepts_doubles=row.accepts_doubles,
        causes=tuple(map(FileCause.from_json, row.causes)),
    )


def file(actor: Actor, file_id: int) -> FileInfo:
    """Return one file. Raises :class:`UnknownFile`, :class:`scoreport.access.NotAllowed`."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    row = _SCORES.filter(pk=file_id).first()
    if row is None:
        raise UnknownFile(_("There is no score file with the number %(id)s.") % {"id": file_id})
    return info_of(row)


def files_of(
    actor: Actor, *, states: Collection[FileState] = (), first: int = 0, limit: int = 50
) -> tuple[list[FileInfo], int]:
    """Return some of the files in these states (none given: in any), newest first, and how many there are."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    found = _SCORES.filter(state__in=[state.value for state in states or FileState])
    some = found.order_by("-received_at", "-id")[first : first + limit]
    return [info_of(row) for row in some], found.count()


def count_by_state(actor: Actor) -> dict[FileState, int]:
    """Return how many files are in each state."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    counted = _SCORES.values_list("state").annotate(n=Count("id")).order_by()
    return dict.fromkeys(FileState, 0) | {FileState(state): n for state, n in counted}


def twin_of(actor: Actor, info: FileInfo) -> FileInfo | None:
    """Return the newest other file with the same bytes that is accepted: this one says nothing new then."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    same = _SCORES.filter(sha256=info.sha256, program=info.program, state=FileState.ACCEPTED.value)
    row = same.exclude(pk=info.id).order_by("-accepted_order").first()
    return None if row is None else info_of(row)


def history(actor: Actor, file_id: int) -> list[EventInfo]:
    """Return what people did with a file, newest first."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    return events_of(subject_kind="score-file", subject=str(file_id), limit=_HISTORY)
