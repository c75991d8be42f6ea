"""A worker: it takes jobs from the queue, one at a time, until a signal ends it."""

import logging
import sys
import time
from types import FrameType
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connections
from django.db.models.functions import Now
from django.tasks import TaskContext, TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.utils import retry

from scoreport.jobs import recovery
from scoreport.jobs.recovery import Failed, Task
from scoreport.jobs.rules import MAIL_QUEUE

_logger = logging.getLogger(__name__)
_POLL_SECONDS: Final = 1.0
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


class PatientWorker(Worker):
    """Finishes the job at hand, however many signals ask it to end, and outlives a database that is away.

    Its parent class drops the job at the second signal, and two are usual: Ctrl+C and service managers tell every
    process, and the supervisor passes its signals on.
    """

    def __init__(self, name: str, *, failed: Failed, mail: bool = False, batch: bool = False) -> None:
        super().__init__(
            queue_names=[MAIL_QUEUE] if mail else ["*"],
            interval=_POLL_SECONDS,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=name,
            excluded_queue_names=[] if mail else [MAIL_QUEUE],
        )
        self._failed = failed

    def shutdown(self, _signum: int, _frame: FrameType | None) -> None:
        """End after the job at hand, or at once."""
        self.running = False
        if not self.running_task:
            sys.exit(0)

    def run(self) -> None:
        """Work; when the database does not answer, try again until it does."""
        pause = _FIRST_PAUSE
        while self.running:
            try:
                recovery.recover_own(self.worker_id, self._failed)
                super().run()
            except (OperationalError, InterfaceError) as error:
                if self.batch:
                    raise
                _logger.warning("The worker lost its database (%s) and tries again", type(error).__name__)
                connections.close_all()
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    def run_task(self, db_task_result: Task) -> None:
        """Do a job and store how it ended, unless another worker has taken it up meanwhile."""
        self.running_task = True
        try:
            self._end(db_task_result, _call(db_task_result))
        except (OperationalError, InterfaceError) as error:
            # The database was cut off or locked: the job may be done again, by this worker or another one.
            connections["default"].close_if_unusable_or_obsolete()
            recovery.put_back(db_task_result, self._failed, error)
        except BaseException as error:  # noqa: BLE001 - whatever ends a job is stored with it
            recovery.fail(db_task_result, self._failed, error)
        finally:
            self.running_task = False
            self._run_tasks += 1

    @retry()
    def _end(self, task: Task, value: Any) -> None:
        ended = recovery.of_this_attempt(task).update(
            status=TaskResultStatus.SUCCESSFUL, finished_at=Now(), return_value=value,
            exception_class_path="", traceback="",
        )  # fmt: skip
        if not ended:
            _logger.warning("Job %s was taken up by another worker meanwhile", task.pk)


def _call(row: Task) -> Any:
    """Run the function of a job and return what it returns."""
    task, result = row.task, row.task_result
    context: list[Any] = [TaskContext(task_result=result)] if task.takes_context else []
    return task.call(*context, *result.args, **result.kwargs)
