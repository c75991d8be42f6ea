"""Background entries of imported files: load by id, one call into the work."""

from django.tasks import task

from scoreport.access import Actor, ActorKind
from scoreport.imports import run
from scoreport.imports.rules import FileState
from scoreport.lib import clock


def _job(name: str) -> Actor:
    return Actor(kind=ActorKind.JOB, name=name)


@task()
def check_file(file_id: int, asked_by: str) -> None:
    """Check a received file."""
    if run.is_wanted(file_id, FileState.CHECKING):
        run.run_check(_job(asked_by), file_id, at=clock.now())


@task()
def accept_file(file_id: int, asked_by: str) -> None:
    """Store a checked file."""
    if run.is_wanted(file_id, FileState.ACCEPTING):
        run.run_accept(_job(asked_by), file_id, at=clock.now())


@task()
def undo_file(file_id: int, asked_by: str) -> None:
    """Undo an accepted file."""
    if run.is_wanted(file_id, FileState.UNDOING):
        run.run_undo(_job(asked_by), file_id, at=clock.now())
