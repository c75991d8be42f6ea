"""The processes that ``scoreport serve`` starts and watches over.

``python -m scoreport.cli.children web|worker|mail-worker``; the mail worker delivers emails and nothing else, so that
no long task delays them. All of them end when their supervisor is gone, however it went: it holds the other end of
their standard input, and the end of that is the sign.
"""

import logging
import os
import resource
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from scoreport import access

if TYPE_CHECKING:
    from django_tasks_db.management.commands.db_worker import Worker

# So many connections a process has open at most; each takes a file descriptor, and so may what it sends or gets.
CONNECTIONS: Final = 4000
# A task that took its worker down with it this many times is not tried again.
ATTEMPTS: Final = 3
_POLL_SECONDS: Final = 1.0
MAIL_QUEUE: Final = "mail"
_OTHER_FILES: Final = 200
_NEVER_SECONDS: Final = 365 * 86_400


def web(host: str, port: int, processes: int) -> None:
    """Serve pages until a signal comes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")
    from django.conf import settings

    Granian(
        "scoreport.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=processes,
        backlog=CONNECTIONS,
        backpressure=_connections(),
        # HTTP/2 ends at the proxy. While both are possible, nobody looks at the time of a client that sends nothing.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * (settings.CLIENT_TIMEOUT_SECONDS or _NEVER_SECONDS)),
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        workers_kill_timeout=20,
    ).serve()


def _connections() -> int:
    """Let this process and its children open as many files as the system allows; return how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + _OTHER_FILES
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        soft = enough
    files = wanted if soft == resource.RLIM_INFINITY else soft
    return max(100, min(CONNECTIONS, (files - _OTHER_FILES) // 2))


def worker(worker_id: str) -> None:
    """Do background work until a signal comes; first take up what an earlier worker of this name has dropped."""
    _set_up()
    from scoreport.lib.clock import now
    from scoreport.organizations.actions.upkeep import schedule_upkeep
    from scoreport.reports.actions import schedule_digests
    from scoreport.scores.actions import resume_interrupted

    operator = access.command("worker")
    take_up_again(worker_id)
    resume_interrupted(operator)
    schedule_upkeep(operator, at=now())
    schedule_digests(operator, at=now())
    _run(_patient_worker(worker_id))


def mail_worker(worker_id: str) -> None:
    """Deliver emails until a signal comes; first take up what an earlier worker of this name has dropped."""
    _set_up()
    take_up_again(worker_id)
    _run(_patient_worker(worker_id, mail=True))


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")
    import django

    django.setup()
    # Each task that begins and ends is a line to them. Setting up makes loggers anew, so that it comes first.
    for name in ("django_tasks", "django.tasks"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _run(patient: "Worker") -> None:
    patient.configure_signals()
    patient.run()


def take_up_again(worker_id: str) -> int:
    """Make the tasks ready again that were running when the worker of this name ended; return how many.

    The worker was killed or ran out of memory in the middle of them, and every task of ours may
    be run again. One that ended its worker several times is failed instead.
    """
    from django.tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    dropped = [task for task in DBTaskResult.objects.running() if task.worker_ids and task.worker_ids[-1] == worker_id]
    for task in dropped:
        if task.worker_ids.count(worker_id) < ATTEMPTS:
            DBTaskResult.objects.filter(pk=task.pk).update(status=TaskResultStatus.READY)
        else:
            task.set_failed(RuntimeError(f"Its worker ended {ATTEMPTS} times in the middle of this task."))
    return len(dropped)


def _patient_worker(worker_id: str, *, mail: bool = False) -> "Worker":
    """Return a worker of the mail queue, or of all queues but that one."""
    from django_tasks_db.management.commands.db_worker import Worker

    class PatientWorker(Worker):
        """Finishes the task at hand, however often it is told to end.

        Its parent class drops the task at the second signal, and two are usual: Ctrl+C and
        service managers tell every process, and the supervisor passes on what it is told.
        """

        def shutdown(self, _signum: int, _frame: FrameType | None) -> None:
            self.running = False
            if not self.running_task:
                sys.exit(0)

    return PatientWorker(
        queue_names=[MAIL_QUEUE] if mail else ["*"],
        interval=_POLL_SECONDS,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[] if mail else [MAIL_QUEUE],
    )


def _end_with_supervisor() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Run one of them."""
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    match arguments:
        case ["web", host, port, processes]:
            web(host, int(port), int(processes))
        case ["worker", worker_id]:
            worker(worker_id)
        case ["mail-worker", worker_id]:
            mail_worker(worker_id)
        case _:
            sys.exit("usage: python -m scoreport.cli.children web HOST PORT PROCESSES | worker NAME | mail-worker NAME")


if __name__ == "__main__":
    main(sys.argv[1:])
