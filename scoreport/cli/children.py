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
from typing import TYPE_CHECKING, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from scoreport import access
from scoreport.jobs.rules import DEFAULT_QUEUE, MAIL_QUEUE

if TYPE_CHECKING:
    from scoreport.jobs.worker import PatientWorker

# So many connections a process has open at most; each takes a file descriptor, and so may what it sends or gets.
CONNECTIONS: Final = 8000
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
    patient = _patient_worker(worker_id)
    resume_interrupted(operator)
    schedule_upkeep(operator, at=now())
    schedule_digests(operator, at=now())
    _run(patient)


def mail_worker(worker_id: str) -> None:
    """Deliver emails until a signal comes; first take up what an earlier worker of this name has dropped."""
    _set_up()
    _run(_patient_worker(worker_id, mail=True), queue=MAIL_QUEUE)


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")
    import django

    django.setup()
    # Each task that begins and ends is a line to them. Setting up makes loggers anew, so that it comes first.
    for name in ("django_tasks", "django.tasks"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _run(patient: "PatientWorker", queue: str = DEFAULT_QUEUE) -> None:
    """Work with a heartbeat beside, which also takes up the jobs of workers that are gone."""
    from scoreport.cli.failed_jobs import failed
    from scoreport.jobs import recovery
    from scoreport.jobs.heartbeat import Heartbeat

    heartbeat = Heartbeat(patient.worker_id, queue=queue)
    patient.configure_signals()
    heartbeat.begin()
    heartbeat.run(lambda: recovery.recover(failed))
    try:
        patient.run()
    finally:
        heartbeat.end()


def _patient_worker(name: str, *, mail: bool = False) -> "PatientWorker":
    """Return a worker of the mail queue, or of all queues but that one."""
    from scoreport.cli.failed_jobs import failed
    from scoreport.jobs.worker import PatientWorker

    return PatientWorker(name, failed=failed, mail=mail)


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
