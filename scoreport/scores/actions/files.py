"""What people do with score files."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.imports.models import ImportFile
from scoreport.imports.rules import FileState
from scoreport.lib.text import clean
from scoreport.scores import attribution, storing, tasks
from scoreport.scores.intake import run, staging
from scoreport.scores.intake.registry import layout_of

# Longer than storing or taking back a million rows takes; a check tells of itself every ten thousand rows.
STANDS_STILL: Final = timedelta(minutes=30)


class FileTooLarge(Refused):
    """The file is larger than this installation takes."""


def receive_file(
    actor: Actor, *, program: str, name: str, chunks: Iterable[bytes], at: datetime, check_later: bool = True
) -> int:
    """Keep a file as it came and, unless told otherwise, have it checked in the background; return its id.

    The person who sends it handles it, and is the one who sees its rows.

    Raises :class:`scoreport.access.NotAllowed`, :class:`FileTooLarge`,
    :class:`scoreport.programs.catalog.UnknownProgram`.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    layout = layout_of(program)
    try:
        path, digest, size = storing.keep(chunks, limit=settings.MAX_UPLOAD_BYTES)
    except storing.TooLarge:
        message = _("The file is larger than %(limit)d MB, which is as much as this installation takes. Split it.")
        raise FileTooLarge(message % {"limit": settings.MAX_UPLOAD_BYTES // 1_000_000}) from None
    with transaction.atomic():
        file = ImportFile.objects.create(
            program=program,
            layout=layout.name,
            name=clean(name)[:200] or _("unnamed file"),
            sha256=digest,
            size=size,
            path=path,
            received_at=at,
            received_by=actor.name,
            handled_by="" if actor.person_id is None else actor.name,
            handled_by_id=actor.person_id,
        )
        if check_later:
            tasks.check_file.enqueue(file.pk, actor.name)
        record(actor, verb=Verb.FILE_RECEIVED, at=at, subject_kind="score-file", subject=str(file.pk), name=file.name)
    return file.pk


def check_now(actor: Actor, *, file_id: int, at: datetime, progress: run.Progress | None = None) -> ImportFile:
    """Check a file at once (commands). Raises :class:`scoreport.scores.intake.run.NotPossibleNow`."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    return run.run_check(actor, file_id, at=at, progress=progress)


def accept_now(actor: Actor, *, file_id: int, at: datetime) -> ImportFile:
    """Accept a checked file at once (commands). Raises :class:`scoreport.scores.intake.run.NotPossibleNow`."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    return run.run_accept(actor, file_id, at=at)


def undo_now(actor: Actor, *, file_id: int, at: datetime) -> ImportFile:
    """Take an accepted file back at once (commands). Raises :class:`scoreport.scores.intake.run.NotPossibleNow`."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    return run.run_undo(actor, file_id, at=at)


def check_again(actor: Actor, *, file_id: int) -> None:
    """Have a file checked (again) in the background."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        run.move(file_id, FileState.CHECKING)
        tasks.check_file.enqueue(file_id, actor.name)


def accept_file(actor: Actor, *, file_id: int) -> None:
    """Have a checked file stored in the background."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        run.move(file_id, FileState.ACCEPTING)
        tasks.accept_file.enqueue(file_id, actor.name)


def undo_file(actor: Actor, *, file_id: int) -> None:
    """Have an accepted file taken back in the background."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        run.move(file_id, FileState.UNDOING)
        tasks.undo_file.enqueue(file_id, actor.name)


def discard_file(actor: Actor, *, file_id: int, at: datetime) -> None:
    """Put a file aside that is not to be accepted; its checked rows go, what is stored stays as it is."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        file = run.move(file_id, FileState.DISCARDED)
        staging.drop(file.pk)
        file.refused_tests.all().delete()
        record(actor, verb=Verb.FILE_DISCARDED, at=at, subject_kind="score-file", subject=str(file.pk), name=file.name)


def stop_work(actor: Actor, *, file_id: int, reason: str, at: datetime) -> None:
    """End work on a file that failed, with the reason that its page shows."""
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        run.stop(actor, file_id, reason=reason, at=at)


def resume_interrupted(actor: Actor) -> int:
    """Enqueue again the work on files that stands still since half an hour; return how many files.

    A command that was killed, or a task that was given up, leaves a file so. Called when a worker starts.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    again = {
        FileState.RECEIVED: tasks.check_file,
        FileState.CHECKING: tasks.check_file,
        FileState.ACCEPTING: tasks.accept_file,
        FileState.UNDOING: tasks.undo_file,
    }
    still = ImportFile.objects.filter(state__in=[state.value for state in again], worked_at__lt=Now() - STANDS_STILL)
    with transaction.atomic():
        files = list(still.values_list("pk", "state"))
        for file_id, state in files:
            again[FileState(state)].enqueue(file_id, actor.name)
        ImportFile.objects.filter(pk__in=[file_id for file_id, _state in files]).update(worked_at=Now())
    return len(files)


def attribute_schools(actor: Actor, *, at: datetime) -> int:
    """Let scores belong to the organizations that their AI codes name now; return how many changed.

    Called after organizations were loaded: they cannot call upwards.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        run.lock()
        changed = attribution.attribute(at=at)
        if changed:
            record(actor, verb=Verb.SCORES_ATTRIBUTED, at=at, scores=changed)
    return changed
