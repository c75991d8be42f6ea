"""Background entries of support."""

from django.tasks import task

from scoreport.lib.clock import now
from scoreport.support import attachments


@task(priority=10)  # Short: before the exports and checks that wait.
def remove_expired_files() -> int:
    """Remove the files whose time is over; asked for when a request is answered or closed."""
    return attachments.expire(at=now())
