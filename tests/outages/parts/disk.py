"""The disk of uploads, prepared files and files of requests: nothing is stored by half, and reads go on."""

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadState
from scoreport.imports.models import ImportFile
from scoreport.scores import actions as scores
from scoreport.scores.verify.storage import kept_files
from scoreport.support.models import HelpFile, HelpRequest
from tests.outages.cells import Cell, cell
from tests.outages.parts import disks
from tests.outages.parts.common import in_time, loaded, reads_go_on
from tests.scores.files import row, text
from tests.web.desk.pages import plain, upload
from tests.web.help.test_files import file_of, send
from tests.world import AT, OPERATOR

TOLD = "Scoreport can’t use its disk"
EXPORT = "/reports/clep/ALDER-HIGH/all/export/"
MANY = text(*(row(f"U{number}") for number in range(40)))


def folder(request: pytest.FixtureRequest) -> Path:
    """Return where all these files lie."""
    return Path(request.getfixturevalue("settings").MEDIA_ROOT)


@contextmanager
def bad_disk(state: str, where: Path) -> Any:
    """Make the disk bad for a while."""
    with ExitStack() as stack:
        if state == "reset":
            stack.enter_context(disks.full(50))
        else:
            stack.enter_context(disks.read_only(where) if state == "refuse" else disks.gone(where))
        yield


def tries(client_for: Any, run_tasks: Any) -> tuple[Any, Any, str]:
    """Upload scores, ask for help with a file, and have a roster prepared; return what came of it."""
    clients = [client_for(name) for name in ("pat", "amy")]
    for one in clients:
        one.raise_request_exception = False
    pat, amy = clients
    with in_time():
        uploaded = upload(pat, MANY)
        asked = send(amy, file_of("a.txt", b"Small."), file_of("notes.txt", b"What I see here. " * 20))
    with in_time():
        amy.post(EXPORT, {"format": "xlsx"})
        failed = ""
        try:
            run_tasks()
        except OSError as error:
            failed = str(error)
    return uploaded, asked, failed


def prepares(request: pytest.FixtureRequest) -> None:
    """Have every export be a job."""
    request.getfixturevalue("settings").EXPORT_AT_ONCE_ROWS = 0


@cell(
    "disk", "refuse", "black-hole", "reset",
    means="read-only (refuse), gone (black-hole), full in the middle of a file (reset)",
    does="scores are uploaded, help is asked for with a file, a roster is prepared; others read",
    holds="a sentence, nothing stored by half, no litter; the roster fails with a reason; reads go on",
    quick=("refuse", "reset"),
)  # fmt: skip
def nothing_by_half(cell: Cell, request: pytest.FixtureRequest) -> None:
    client_for, where = loaded(request), folder(request)
    prepares(request)
    before = ImportFile.objects.count()
    with bad_disk(cell.state, where):
        uploaded, asked, failed = tries(client_for, request.getfixturevalue("run_tasks"))
        reads_go_on(client_for("amy"))
    assert failed
    assert (uploaded.status_code, asked.status_code) == (503, 503)
    assert TOLD in plain(uploaded)
    assert TOLD in plain(asked)
    assert (ImportFile.objects.count(), HelpRequest.objects.count(), HelpFile.objects.count()) == (before, 0, 0)
    assert Download.objects.get().state == DownloadState.FAILED
    assert "disk" in Download.objects.get().reason
    left = {path.name for path in where.rglob("*") if path.is_file()}
    assert left == set(ImportFile.objects.values_list("path", flat=True))


@cell(
    "disk", "slow",
    does="scores are uploaded, help is asked for with a file, a roster is prepared; others read",
    holds="all of it works, only later, and reads do not touch the disk",
)  # fmt: skip
def later(cell: Cell, request: pytest.FixtureRequest) -> None:
    client_for = loaded(request)
    prepares(request)
    with disks.slow(folder(request), 0.3):
        uploaded, asked, failed = tries(client_for, request.getfixturevalue("run_tasks"))
        with in_time(1):
            reads_go_on(client_for("amy"))
    assert (uploaded.status_code, asked.status_code, failed) == (302, 302, "")
    assert Download.objects.get().state == DownloadState.READY


@cell(
    "disk", "garbage",
    means="other bytes in the files than were written",
    does="a file is checked whose bytes are others now; a prepared file is fetched that is gone",
    holds="the check fails with a sentence and stores nothing; verify names the file; the person prepares it again",
)  # fmt: skip
def other_bytes(cell: Cell, request: pytest.FixtureRequest) -> None:
    client_for, where = loaded(request), folder(request)
    prepares(request)
    number = scores.receive_file(
        OPERATOR, program="clep", name="a.csv", chunks=[MANY], at=AT, check_later=False
    )  # fmt: skip
    kept = where / "scores" / ImportFile.objects.get(pk=number).path
    kept.write_bytes(b"\x00\xff\xfe" * 500)
    assert scores.check_now(OPERATOR, file_id=number, at=AT).state == "failed"
    assert any(finding.deviations for finding in kept_files(AT))
    amy = client_for("amy")
    amy.post(EXPORT, {"format": "csv"})
    request.getfixturevalue("run_tasks")()
    ready = Download.objects.get()
    (where / "downloads" / ready.path).unlink()
    page = amy.get(f"/files/{ready.secret}/content/", follow=True)
    assert "The file is gone. Prepare it again." in plain(page)
    reads_go_on(amy)


@cell(
    "disk", "recover",
    does="the same upload, request and roster are tried again when the disk is back",
    holds="each is stored once; verify finds nothing",
    quick=("recover",),
)  # fmt: skip
def once(cell: Cell, request: pytest.FixtureRequest) -> None:
    client_for = loaded(request)
    prepares(request)
    run_tasks = request.getfixturevalue("run_tasks")
    before = ImportFile.objects.count()
    with disks.full(50):
        tries(client_for, run_tasks)
    amy = client_for("amy")
    amy.post(f"/files/{Download.objects.get().secret}/again/")
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.running().delete()
    run_tasks()
    assert Download.objects.get().state == DownloadState.READY
    uploaded, asked, failed = tries(client_for, run_tasks)
    assert (uploaded.status_code, asked.status_code, failed) == (302, 302, "")
    assert (ImportFile.objects.count(), HelpRequest.objects.count(), HelpFile.objects.count()) == (before + 1, 1, 2)
    assert not any(finding.deviations for finding in kept_files(AT))
