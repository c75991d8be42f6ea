"""Background entries of reports."""

from django.tasks import task

from scoreport.lib.clock import now
from scoreport.reports.export import jobs


@task()
def export_roster(download_id: int) -> bool:
    """Make the file of a roster that somebody asked for."""
    return jobs.make(download_id, at=now())
