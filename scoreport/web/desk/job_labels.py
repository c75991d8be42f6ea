"""Jobs in words, for pages and commands."""

from typing import Literal

from django.utils.translation import gettext as _

from scoreport.jobs.rules import JobInfo, JobState

TAGS: dict[JobState, Literal["waiting", "problem", "info", "neutral"]] = {
    JobState.FAILED: "problem",
    JobState.RUNNING: "info",
    JobState.WAITING: "waiting",
    JobState.SCHEDULED: "neutral",
}


def title(job: JobInfo) -> str:
    """Return what a job does."""
    titles = {
        "accept_file": _("Accept score file %(number)s"),
        "check_file": _("Check score file %(number)s"),
        "deliver_mail": _("Send email %(number)s"),
        "email_digests": _("Email access managers about exports"),
        "export_roster": _("Prepare export %(number)s"),
        "generate_vouchers": _("Generate the vouchers of an order"),
        "keep_up": _("Hourly upkeep"),
        "remove_expired": _("Remove expired exports"),
        "remove_expired_files": _("Remove expired files of requests"),
        "undo_file": _("Undo score file %(number)s"),
    }
    return titles.get(job.kind, job.kind) % {"number": job.number}


def state_label(state: JobState) -> str:
    """Return a state as people read it."""
    return {
        JobState.FAILED: _("Failed"),
        JobState.RUNNING: _("Running"),
        JobState.WAITING: _("Waiting"),
        JobState.SCHEDULED: _("Scheduled"),
    }[state]


def reason(job: JobInfo) -> str:
    """Say why a job failed."""
    return job.reason or (_("Something went wrong (%(error)s). The log says more.") % {"error": job.error})
