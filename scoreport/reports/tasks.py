"""Background entries of reports."""

from django.tasks import task

from scoreport import access
from scoreport.lib.clock import now
from scoreport.organizations.upkeep import pending
from scoreport.reports import digest
from scoreport.reports.export import jobs


@task()
def export_roster(download_id: int) -> bool:
    """Make the file of a roster that somebody asked for."""
    return jobs.make(download_id, at=now())


@task(priority=10)  # Short: before the exports and checks that wait.
def email_digests() -> None:
    """Email access managers what was exported; each run asks for the next one first, so that no error ends them."""
    at = now()
    pending.ensure(email_digests, not_before=at + pending.EVERY, at=at)
    digest.send(access.job("upkeep"), at)
