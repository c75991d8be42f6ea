"""The names that jobs of score files had in 0.3: an update can find some waiting."""

from django.tasks import task

from scoreport.imports import tasks


@task()
def check_file(file_id: int, asked_by: str) -> None:
    """Check a received file."""
    tasks.check_file.call(file_id, asked_by)


@task()
def accept_file(file_id: int, asked_by: str) -> None:
    """Store a checked file."""
    tasks.accept_file.call(file_id, asked_by)


@task()
def withdraw_file(file_id: int, asked_by: str) -> None:
    """Undo an accepted file."""
    tasks.undo_file.call(file_id, asked_by)
