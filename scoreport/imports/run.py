"""Checking, accepting and undoing a file, each from the state that the file is in.

Each can be started again after a crash: a check begins afresh, an acceptance and an undo are one transaction that
either happened or did not.
"""

import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.imports import diff, received, staging
from scoreport.imports.accept import accept
from scoreport.imports.models import ImportFile
from scoreport.imports.problems import FileCause, UnreadableFile, repairs_made
from scoreport.imports.rules import Effect, FileState, may_move
from scoreport.imports.target import Target, followers_of, target_of
from scoreport.imports.undo import undo
from scoreport.lib.locks import Lock, hold

Progress = Callable[[int, int], None]
_logger = logging.getLogger(__name__)


class NotPossibleNow(Refused):
    """The file's state, or what happened meanwhile, does not allow the act; the message says what to do."""


def move(file_id: int, to: FileState) -> ImportFile:
    """Move a file to a state by one conditional UPDATE. Raises :class:`NotPossibleNow` when it may not go there."""
    allowed = [state.value for state in FileState if may_move(state, to)]
    if not ImportFile.objects.filter(pk=file_id, state__in=allowed).update(state=to.value, worked_at=Now()):
        state = ImportFile.objects.filter(pk=file_id).values_list("state", flat=True).first()
        message = _("This file is in the state “%(state)s” now, so it cannot become “%(to)s”. Reload the page.")
        raise NotPossibleNow(message % {"state": state, "to": to.value})
    return ImportFile.objects.get(pk=file_id)


_WANTED = {
    FileState.CHECKING: {FileState.RECEIVED, FileState.CHECKING, FileState.FAILED},
    FileState.ACCEPTING: {FileState.ACCEPTING},
    FileState.UNDOING: {FileState.UNDOING},
}
_UNDONE = {FileState.ACCEPTING: FileState.CHECKED, FileState.UNDOING: FileState.ACCEPTED}


def is_wanted(file_id: int, work: FileState) -> bool:
    """Tell whether a job has still to do its work: its worker may have ended right after it was done.

    Raises :class:`NotPossibleNow` when the file went back to where a person decides.
    """
    state = ImportFile.objects.values_list("state", flat=True).get(pk=file_id)
    if state == _UNDONE.get(work):
        raise NotPossibleNow(_("This was stopped. Open the file's page and decide again."))
    return state in _WANTED[work]


def stop(actor: Actor, file_id: int, *, reason: str, at: datetime) -> None:
    """End work that failed for good: an unfinished check has failed, and anything else is as it was before."""
    file = ImportFile.objects.select_for_update().get(pk=file_id)
    if file.state == FileState.CHECKING:
        _fail(actor, file, target_of(file.kind, file.program), reason, at=at)
    elif back := _UNDONE.get(FileState(file.state)):
        ImportFile.objects.filter(pk=file_id).update(state=back, reason=reason)


def _hold(file: ImportFile) -> None:
    """Lock a file in this transaction; raises :class:`NotPossibleNow` when another worker ended the same work."""
    rows = ImportFile.objects.select_for_update().filter(pk=file.pk, state=file.state)
    if rows.values_list("pk").first() is None:
        raise NotPossibleNow(_("Another worker has done this already."))


def run_check(actor: Actor, file_id: int, *, at: datetime, progress: Progress | None = None) -> ImportFile:
    """Check a received file; it becomes *checked*, or *failed* with a reason."""
    file = move(file_id, FileState.CHECKING)
    target = target_of(file.kind, file.program)
    try:
        stream = received.read(file.path)
    except FileNotFoundError:
        reason = _("The file is no longer where received files are kept. Upload it again.")
        return _fail(actor, file, target, reason, at=at)
    except OSError:
        _logger.exception("received file %d could not be read", file.pk)
        reason = _("Scoreport can’t reach its file storage right now. Check the file again later.")
        return _fail(actor, file, target, reason, at=at)
    try:
        with stream:
            lines = received.count_lines(stream)
            target.check(file, stream, at=at, progress=_progress(file, lines, progress))
    except UnreadableFile as error:
        return _fail(actor, file, target, str(error), at=at, causes=error.causes)
    diff.count(file, target)
    file.checked_at = at
    return _finish(actor, file, target, FileState.CHECKED, Verb.FILE_CHECKED, at=at)


def _progress(file: ImportFile, lines: int, progress: Progress | None) -> Callable[[int], None]:
    """Return what notes how far the check is."""

    def note(done: int) -> None:
        total = max(lines - 1, done)
        ImportFile.objects.filter(pk=file.pk).update(rows_done=done, rows_total=total, worked_at=Now())
        if progress:
            progress(done, total)

    return note


def run_accept(actor: Actor, file_id: int, *, at: datetime) -> ImportFile:
    """Store a checked file in one transaction.

    Raises :class:`NotPossibleNow` when the check no longer holds; the file then waits in *checked*, with the reason.
    """
    file = move(file_id, FileState.ACCEPTING)
    target = target_of(file.kind, file.program)
    with _back_to(FileState.CHECKED, file), transaction.atomic():
        lock()
        _hold(file)
        file.reason = _out_of_date(file, target)
        if not file.reason:
            newest = ImportFile.objects.exclude(accepted_order=None).order_by("-accepted_order").first()
            file.accepted_order = (newest.accepted_order or 0) + 1 if newest else 1
            file.accepted_at, file.accepted_by = at, actor.name
            file.save(update_fields=["accepted_order", "accepted_at", "accepted_by"])
            accept(actor, file, target, at=at)
            _follow(actor, file, at=at)
            return _finish(actor, file, target, FileState.ACCEPTED, Verb.FILE_ACCEPTED, at=at)
        file.state = FileState.CHECKED
        file.save()
    raise NotPossibleNow(file.reason)


def _follow(actor: Actor, file: ImportFile, *, at: datetime) -> None:
    """Let the packages above follow the file, and say on its page what they did."""
    sentences = [follow(actor, at) for follow in followers_of(file.kind)]
    file.notices = [*file.notices, *(sentence for sentence in sentences if sentence)]


@contextmanager
def _back_to(state: FileState, file: ImportFile) -> Generator[None]:
    """Move a file back, with the reason on its page, when what it would do is refused.

    Raises :class:`NotPossibleNow` in place of another refusal.
    """
    try:
        yield
    except NotPossibleNow:
        raise
    except Refused as refusal:
        undone = ImportFile.objects.filter(pk=file.pk, state=file.state)
        undone.update(state=state.value, reason=str(refusal))
        raise NotPossibleNow(str(refusal)) from refusal


def _out_of_date(file: ImportFile, target: Target) -> str:
    """Say why a check no longer holds; nothing when it does."""
    table = staging.table_of(file.pk)
    if staging.count(file.pk) != diff.staged_rows(file):
        return _(
            "The checked rows of this file are gone after an update of Scoreport or a crash of the database."
            " Check it again."
        )
    # A record whose row is refused would be missing in a complete list, and end.
    if (target.is_strict or target.store.ended) and file.rows_refused:
        return _("The file has problems, so nothing of it is stored. Correct them and load the file again.")
    if target.store.ended and not diff.staged_rows(file):
        return _("The file lists nothing, so nothing is stored: everything that it doesn't list would end.")
    if reason := target.out_of_date(file, table):
        return reason
    if file.checked_against != diff.generation(file.kind) and _recount(file, target):
        return _("Another file was accepted or undone since this check. Look at the new counts first.")
    return ""


def run_undo(actor: Actor, file_id: int, *, at: datetime) -> ImportFile:
    """Undo an accepted file in one transaction."""
    file = move(file_id, FileState.UNDOING)
    target = target_of(file.kind, file.program)
    with _back_to(FileState.ACCEPTED, file), transaction.atomic():
        lock()
        _hold(file)
        undo(actor, file, target, at=at)
        target.discard(file)
        _follow(actor, file, at=at)
        file.undone_at, file.undone_by = at, actor.name
        return _finish(actor, file, target, FileState.UNDONE, Verb.FILE_UNDONE, at=at)


def lock() -> None:
    """Wait for any other acceptance or undo: each decides against what the one before it left."""
    hold(Lock.SCORES)


def _fail(
    actor: Actor, file: ImportFile, target: Target, reason: str, *, at: datetime, causes: Iterable[FileCause] = ()
) -> ImportFile:
    """Say why a file cannot be checked; nothing that this check began with, or an earlier one found, stays."""
    file.causes, file.notices = [one.as_json() for one in causes], []
    with transaction.atomic():
        staging.drop(file.pk)
        file.refused.all().delete()
        target.discard(file)
        file.checked_at = None
        return _finish(actor, file, target, FileState.FAILED, Verb.FILE_FAILED, at=at, reason=reason)


def _recount(file: ImportFile, target: Target) -> bool:
    """Count a checked file anew and tell whether a person has to look at it again."""
    seen = [getattr(file, f"rows_{effect}") for effect in Effect]
    diff.count(file, target)
    return seen != [getattr(file, f"rows_{effect}") for effect in Effect]


def _finish(
    actor: Actor, file: ImportFile, target: Target, state: FileState, verb: Verb, *, at: datetime, reason: str = ""
) -> ImportFile:
    """Save the file in its new state and record it; the audit row comes last, right before the commit."""
    with transaction.atomic():
        _hold(file)
        file.state, file.reason = state.value, reason
        file.save()
        names = ("new", "changed", "same", "unmatched", "refused")
        counts = {name: getattr(file, f"rows_{name}") for name in names}
        counts |= {name: more for name in ("reverting", "doubled") if (more := getattr(file, f"rows_{name}"))}
        made = repairs_made([*map(FileCause.from_json, file.causes)])
        record(
            actor,
            verb=verb,
            at=at,
            subject_kind=target.subject_kind,
            subject=str(file.pk),
            name=file.name,
            **counts,
            **made,
        )
    return file
