"""Background entries of organizations."""

from django.tasks import task

from scoreport import access
from scoreport.lib.clock import now
from scoreport.organizations import upkeep
from scoreport.organizations.upkeep import pending
from scoreport.outbox.actions import resume


@task(priority=10)  # Short: before the exports and checks that wait.
def keep_up() -> None:
    """Do what time does to access, every hour; the next run is asked for first, so that no error ends them."""
    at = now()
    pending.ensure(keep_up, not_before=at + pending.EVERY, at=at)
    resume(access.job("upkeep"), at=at)
    upkeep.run(at)
