"""Background jobs: what failed, runs and waits, and trying a failed one again."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scoreport.access import Permission
from scoreport.jobs import queries
from scoreport.jobs.actions import NotFailed, retry
from scoreport.jobs.rules import JobInfo, JobState
from scoreport.web import page
from scoreport.web.desk import job_labels
from scoreport.web.request import ScoreportRequest
from scoreport.web.rule import rule


@dataclass(frozen=True, slots=True)
class Entry:
    """A job in the list."""

    info: JobInfo
    title: str
    state: str
    tag: str
    reason: str
    retry_url: str


@rule(Permission.JOB_HANDLE)
@require_safe
def jobs(request: ScoreportRequest) -> HttpResponse:
    """Show the jobs and the workers."""
    workers = queries.workers(request.actor)
    context = {
        "entries": [_entry(job) for job in queries.jobs(request.actor, at=request.at)],
        "workers": workers,
        "any_alive": any(worker.is_alive for worker in workers),
        "shown": queries.SHOWN,
    }
    return page.render(request, "desk/jobs.html", context)


def _entry(job: JobInfo) -> Entry:
    is_failed = job.state is JobState.FAILED
    return Entry(
        info=job,
        title=job_labels.title(job),
        state=job_labels.state_label(job.state),
        tag=job_labels.TAGS[job.state],
        reason=job_labels.reason(job) if is_failed else "",
        retry_url=reverse("desk_job_retry", args=[job.id]) if is_failed else "",
    )


@rule(Permission.JOB_HANDLE)
@require_POST
def try_again(request: ScoreportRequest, job_id: UUID) -> HttpResponse:
    """Have a failed job done again."""
    try:
        retry(request.actor, job_id=job_id, at=request.at)
    except NotFailed as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("The job will be tried again."))
    return HttpResponseRedirect(reverse("desk_jobs"))
