"""Background entries of downloads."""

from django.tasks import task

from scoreport.downloads import files
from scoreport.lib.clock import now


@task(priority=10)  # Short: before the exports and checks that wait.
def remove_expired() -> int:
    """Remove the files whose time is over; asked for when a file is begun, run when its time ends."""
    return files.expire(at=now())
