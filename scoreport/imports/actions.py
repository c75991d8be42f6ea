"""What people do with imported files of every kind."""

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
from scoreport.imports import received, run, staging, tasks
from scoreport.imports.models import ImportFile
from scoreport.imports.problems import RepairKind
from scoreport.imports.rules import AS_IT_IS, FileState, Options
from scoreport.imports.target import Target, target_of
from scoreport.lib.text import clean

# Longer than storing or undoing a million rows takes; a check notes its progress every ten thousand rows.
STANDS_STILL: Final = timedelta(minutes=30)


class FileTooLarge(Refused):
    """The file is larger than this installation takes."""


def receive_file(
    actor: Actor,
    *,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    at: datetime,
    program: str = "",
    options: Options = AS_IT_IS,
    check_later: bool = True,
) -> int:
    """Store a file as it came and, by default, have it checked in the background; return its id.

    The person who sends it handles it, and is the one who sees its rows. ``options`` say how it is to be read.

    Raises :class:`scoreport.access.NotAllowed`, :class:`FileTooLarge`,
    :class:`scoreport.programs.catalog.UnknownProgram`.
    """
    target = target_of(kind, program)
    access.require(actor, target.permission)
    layout = target.layout_of(program)
    try:
        path, digest, size = received.keep(chunks, limit=settings.MAX_UPLOAD_BYTES)
    except received.TooLarge:
        message = _("The file is larger than %(limit)d MB, which is as much as this installation takes. Split it.")
        raise FileTooLarge(message % {"limit": settings.MAX_UPLOAD_BYTES // 1_000_000}) from None
    file = ImportFile(kind=kind, program=program, layout=layout, sha256=digest, size=size, path=path, received_at=at)
    file.name = clean(name)[:200] or _("unnamed file")
    file.sheet, file.repairs = options.sheet, sorted(options.repairs)
    file.received_by = actor.name
    if actor.person_id is not None:
        file.handled_by, file.handled_by_id = actor.name, actor.person_id
    with transaction.atomic():
        file.save()
        if check_later:
            tasks.check_file.enqueue(file.pk, actor.name)
        _record(actor, target, file, Verb.FILE_RECEIVED, at)
    return file.pk


def check_now(actor: Actor, *, file_id: int, at: datetime, progress: run.Progress | None = None) -> ImportFile:
    """Check a file at once (commands). Raises :class:`scoreport.imports.run.NotPossibleNow`."""
    _require(actor, file_id)
    return run.run_check(actor, file_id, at=at, progress=progress)


def accept_now(
    actor: Actor, *, file_id: int, at: datetime, reverting: bool = False, doubles: bool = False
) -> ImportFile:
    """Accept a checked file at once (commands), as :func:`accept_file` does.

    Raises :class:`scoreport.imports.run.NotPossibleNow`.
    """
    _require(actor, file_id)
    _choose(file_id, reverting=reverting, doubles=doubles)
    return run.run_accept(actor, file_id, at=at)


def undo_now(actor: Actor, *, file_id: int, at: datetime) -> ImportFile:
    """Undo an accepted file at once (commands). Raises :class:`scoreport.imports.run.NotPossibleNow`."""
    _require(actor, file_id)
    return run.run_undo(actor, file_id, at=at)


def check_again(actor: Actor, *, file_id: int) -> None:
    """Have a file checked (again) in the background."""
    _require(actor, file_id)
    with transaction.atomic():
        run.move(file_id, FileState.CHECKING)
        tasks.check_file.enqueue(file_id, actor.name)


def repair_file(actor: Actor, *, file_id: int, kind: RepairKind, at: datetime) -> None:
    """Have a file checked again in the background, with a repair that its check offered."""
    target = _require(actor, file_id)
    with transaction.atomic():
        file = run.move(file_id, FileState.CHECKING)
        file.repairs = sorted({*file.repairs, kind.value})
        file.save(update_fields=["repairs"])
        tasks.check_file.enqueue(file_id, actor.name)
        _record(actor, target, file, Verb.FILE_REPAIR_CHOSEN, at, repairs=kind.value)


def accept_file(actor: Actor, *, file_id: int, reverting: bool = False, doubles: bool = False) -> None:
    """Have a checked file stored in the background.

    Rows that return to a replaced version are stored with ``reverting`` only, and rows that say what is on file under
    another key with ``doubles`` only; otherwise they are held, and listed as refused.
    """
    _require(actor, file_id)
    with transaction.atomic():
        run.move(file_id, FileState.ACCEPTING)
        _choose(file_id, reverting=reverting, doubles=doubles)
        tasks.accept_file.enqueue(file_id, actor.name)


def undo_file(actor: Actor, *, file_id: int) -> None:
    """Have an accepted file undone in the background."""
    _require(actor, file_id)
    with transaction.atomic():
        run.move(file_id, FileState.UNDOING)
        tasks.undo_file.enqueue(file_id, actor.name)


def discard_file(actor: Actor, *, file_id: int, at: datetime) -> None:
    """Set a file aside that is not to be accepted; its checked rows go, what is stored stays as it is."""
    target = _require(actor, file_id)
    with transaction.atomic():
        file = run.move(file_id, FileState.DISCARDED)
        staging.drop(file.pk)
        target.discard(file)
        _record(actor, target, file, Verb.FILE_DISCARDED, at)


def stop_work(actor: Actor, *, file_id: int, reason: str, at: datetime) -> None:
    """End work on a file that failed, with the reason that its page shows."""
    _require(actor, file_id)
    with transaction.atomic():
        run.stop(actor, file_id, reason=reason, at=at)


def resume_interrupted(actor: Actor) -> int:
    """Enqueue again the work on files that stands still since half an hour; return how many files.

    A command that was killed, or a task that was given up, leaves a file so. Called when a worker starts.
    """
    again = {
        FileState.RECEIVED: tasks.check_file,
        FileState.CHECKING: tasks.check_file,
        FileState.ACCEPTING: tasks.accept_file,
        FileState.UNDOING: tasks.undo_file,
    }
    still = ImportFile.objects.filter(state__in=[state.value for state in again], worked_at__lt=Now() - STANDS_STILL)
    with transaction.atomic():
        files = list(still.values_list("pk", "kind", "program", "state"))
        for file_id, kind, program, state in files:
            access.require(actor, target_of(kind, program).permission)
            again[FileState(state)].enqueue(file_id, actor.name)
        ImportFile.objects.filter(pk__in=[file_id for file_id, *_rest in files]).update(worked_at=Now())
    return len(files)


def _require(actor: Actor, file_id: int) -> Target:
    """Return the target of a file that the actor may handle; who may handle none hears of none."""
    found = ImportFile.objects.filter(pk=file_id).values_list("kind", "program").first()
    if found is None:
        access.require(actor, Permission.SCORES_FILE_HANDLE)
        raise run.NotPossibleNow(_("There is no file with the number %(number)d.") % {"number": file_id})
    target = target_of(*found)
    access.require(actor, target.permission)
    return target


def _choose(file_id: int, *, reverting: bool, doubles: bool) -> None:
    """Note which rows a person accepts too; what was chosen for a file that was accepted stays on record."""
    waiting = ImportFile.objects.filter(pk=file_id, state__in=[FileState.CHECKED.value, FileState.ACCEPTING.value])
    waiting.update(accepts_reverting=reverting, accepts_doubles=doubles)


def _record(actor: Actor, target: Target, file: ImportFile, verb: Verb, at: datetime, **detail: str) -> None:
    record(actor, verb=verb, at=at, subject_kind=target.subject_kind, subject=str(file.pk), name=file.name, **detail)
