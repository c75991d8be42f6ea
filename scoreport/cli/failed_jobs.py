"""What a failed job leaves: the file that it worked on says so, and people can ask for the work again."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Refused
from scoreport.downloads import files as downloads
from scoreport.imports.tasks import accept_file, check_file, undo_file
from scoreport.jobs.recovery import Task
from scoreport.jobs.rules import ATTEMPTS, GivenUp, number_of
from scoreport.lib import clock
from scoreport.reports.tasks import export_roster
from scoreport.scores import actions as scores
from scoreport.scores import tasks as earlier

_logger = logging.getLogger(__name__)


def failed(task: Task, error: BaseException) -> None:
    """Mark what a job worked on as failed, in the caller's transaction. A refusal has its reason there already."""
    if isinstance(error, Refused):
        return
    _logger.error("Job %s (%s) failed", task.pk, task.task_path, exc_info=error)
    number = number_of(task.args_kwargs)
    mark = _MARKS.get(task.task_path)
    if mark and number is not None:
        mark(number, _reason(error))


def _reason(error: BaseException) -> str:
    if isinstance(error, GivenUp):
        message = _("The program ended %(count)d times while it worked on this. Try again, or tell the operator.")
        return message % {"count": ATTEMPTS}
    return _("Something went wrong here. Try again; if it fails again, tell the operator.")


def _score_file(number: int, reason: str) -> None:
    scores.stop_work(access.job("worker"), file_id=number, reason=reason, at=clock.now())


def _download(number: int, reason: str) -> None:
    downloads.fail(number, reason=reason)


# The names of jobs of 0.3, which an update can find waiting.
_EARLIER: Final = (earlier.check_file, earlier.accept_file, earlier.withdraw_file)
_MARKS: Final[Mapping[str, Callable[[int, str], Any]]] = {
    **{task.module_path: _score_file for task in (check_file, accept_file, undo_file, *_EARLIER)},
    export_roster.module_path: _download,
}
