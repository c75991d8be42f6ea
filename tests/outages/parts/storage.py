"""The object storage: nothing is stored by half, pages say so in time, jobs say why and can be tried again."""

import time
from dataclasses import replace
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from scoreport.downloads.models import Download
from scoreport.downloads.rules import DownloadState
from scoreport.imports.models import ImportFile
from scoreport.lib.storage import Place
from scoreport.scores import actions as scores
from scoreport.scores.verify.storage import kept_files, prepared_files
from scoreport.support.models import HelpFile, HelpRequest
from tests.outages.cells import Cell, cell
from tests.outages.parts.common import bad_server, in_time, loaded, reads_go_on
from tests.outages.parts.disk import EXPORT, MANY, prepares
from tests.outages.servers import BadServer
from tests.scores.files import check, row, text
from tests.web.desk.pages import plain, upload
from tests.web.help.test_files import file_of, send
from tests.world import AT, OPERATOR

TOLD = "Scoreport can’t reach its file storage"
JOB_SECONDS = 30
"""Background work has time: two tries of ten seconds."""


def behind(request: pytest.FixtureRequest) -> tuple[BadServer, Any]:
    """Have Scoreport reach the object storage through a server that can misbehave."""
    server = request.getfixturevalue("files_in_s3")
    bad = bad_server(request, server.address)
    request.getfixturevalue("settings").FILES_IN_S3 = server.behind(bad.port)
    prepares(request)
    return bad, server


def browsers(client_for: Any) -> list[Any]:
    """Return the browsers of a member of the program staff and of a counselor."""
    clients = [client_for(name) for name in ("pat", "amy")]
    for one in clients:
        one.raise_request_exception = False
    return clients


def pages_say_so(client_for: Any) -> None:
    """Expect that pages that need the storage say that it is away, in time, and that nothing is in the database."""
    pat, amy = browsers(client_for)
    before = ImportFile.objects.count()
    acts = [
        lambda: upload(pat, MANY),
        lambda: send(amy, file_of("a.txt", b"Small."), file_of("notes.txt", b"What I see here. " * 20)),
    ]
    if ready := Download.objects.filter(state=DownloadState.READY).first():
        acts.append(lambda: amy.get(f"/files/{ready.secret}/content/"))
    for act in acts:
        with in_time():
            page = act()
        assert page.status_code == 503
        assert TOLD in plain(page)
    assert (ImportFile.objects.count(), HelpRequest.objects.count(), HelpFile.objects.count()) == (before, 0, 0)
    with in_time(2):
        reads_go_on(client_for("amy"))


def run(run_tasks: Any) -> str:
    """Run what is due and return the error of the first task that raised one; it is then over."""
    with in_time(JOB_SECONDS):
        try:
            run_tasks()
        except OSError as error:
            DBTaskResult.objects.running().delete()
            return str(error)
    return ""


def export_ready(request: pytest.FixtureRequest, amy: Any) -> Download:
    """Have a roster prepared, and return it."""
    amy.post(EXPORT, {"format": "csv"})
    request.getfixturevalue("run_tasks")()
    return Download.objects.get()


@cell(
    "storage", "refuse", "black-hole", "reset",
    does="scores are uploaded, help is asked for with files, a roster is fetched, another is prepared; others read",
    holds="a sentence in time, nothing stored by half; the roster and the check fail with a reason; reads go on",
    quick=("refuse",),
)  # fmt: skip
def nothing_by_half(cell: Cell, request: pytest.FixtureRequest) -> None:
    bad, server = behind(request)
    client_for = loaded(request)
    ready, file = export_ready(request, client_for("amy")), check(text(row("T9")))
    before = server.names()
    bad.become(cell.state)
    pages_say_so(client_for)
    client_for("amy").post(EXPORT, {"format": "xlsx"})
    assert "storage" in run(request.getfixturevalue("run_tasks"))
    failed = Download.objects.exclude(pk=ready.pk).get()
    assert (failed.state, "file storage" in failed.reason) == (DownloadState.FAILED, True)
    if cell.state != "black-hole":
        again = scores.check_now(OPERATOR, file_id=file.pk, at=AT)
        assert (again.state, "file storage" in again.reason) == ("failed", True)
    bad.become("pass")
    assert (server.names(), server.unfinished()) == (before, [])
    if cell.state != "black-hole":
        assert scores.check_now(OPERATOR, file_id=file.pk, at=AT).state == "checked"
    assert client_for("amy").get(f"/files/{ready.secret}/content/").status_code == 200


@cell(
    "storage", "slow",
    means="each byte of an answer takes its time",
    does="scores are uploaded, help is asked for with files, a prepared roster is fetched; others read",
    holds="a sentence in time; what the storage took afterwards is removed, unless it is named by its content",
)  # fmt: skip
def in_time_all_the_same(cell: Cell, request: pytest.FixtureRequest) -> None:
    bad, server = behind(request)
    client_for = loaded(request)
    export_ready(request, client_for("amy"))
    before = set(server.names())
    bad.become("slow")
    pages_say_so(client_for)
    bad.become("pass")
    ends = time.monotonic() + 10
    while time.monotonic() < ends and any("/help/" in key for key in server.names()):
        time.sleep(0.2)
    assert {key.split("/")[1] for key in set(server.names()) - before} <= {"scores"}


def wrong(kind: str, bad: BadServer, server: Any, settings: Any) -> Place:
    """Return the place when something about it is wrong; make it wrong."""
    place: Place = settings.FILES_IN_S3
    if kind == "noise":
        bad.become("garbage")
    elif kind == "key":
        return replace(place, access=replace(place.access, secret="wrong"))
    else:
        return replace(place, bucket="no-such-bucket")
    return place


@cell(
    "storage", "garbage",
    means="noise instead of an answer, a wrong key, and a bucket that is gone",
    does="scores are uploaded, help is asked for with files, a prepared roster is fetched; others read",
    holds="a sentence; no file is taken for one that is gone; verify says why it cannot look",
    quick=("garbage",),
)  # fmt: skip
def no_answer_of_a_storage(cell: Cell, request: pytest.FixtureRequest) -> None:
    bad, server = behind(request)
    client_for, settings = loaded(request), request.getfixturevalue("settings")
    ready, place = export_ready(request, client_for("amy")), settings.FILES_IN_S3
    before = server.names()
    for kind in ("noise", "key", "bucket"):
        settings.FILES_IN_S3 = wrong(kind, bad, server, settings)
        pages_say_so(client_for)
        for looks in (kept_files, prepared_files):
            assert ["cannot be looked at" in one for finding in looks(AT) for one in finding.examples] == [True]
        bad.become("pass")
        settings.FILES_IN_S3 = place
        assert server.names() == before
    ready.refresh_from_db()
    assert ready.state == DownloadState.READY
    assert client_for("amy").get(f"/files/{ready.secret}/content/").status_code == 200


@cell(
    "storage", "recover",
    does="the same upload, request and roster are tried again when the storage is back",
    holds="each is stored once; verify finds nothing",
    quick=("recover",),
)  # fmt: skip
def once(cell: Cell, request: pytest.FixtureRequest) -> None:
    bad, server = behind(request)
    client_for, run_tasks = loaded(request), request.getfixturevalue("run_tasks")
    before = ImportFile.objects.count()
    bad.become("reset")
    pages_say_so(client_for)
    pat, amy = browsers(client_for)
    amy.post(EXPORT, {"format": "xlsx"})
    assert run(run_tasks)
    bad.become("pass")
    amy.post(f"/files/{Download.objects.get().secret}/again/")
    run_tasks()
    assert Download.objects.get().state == DownloadState.READY
    uploaded, asked = upload(pat, MANY), send(amy, file_of("a.txt", b"Small."))
    assert (uploaded.status_code, asked.status_code) == (302, 302)
    run_tasks()
    assert (ImportFile.objects.count(), HelpRequest.objects.count(), HelpFile.objects.count()) == (before + 1, 1, 1)
    assert ImportFile.objects.latest("pk").state == "checked"
    assert not any(finding.deviations for looks in (kept_files, prepared_files) for finding in looks(AT))
    areas = sorted(key.split("/")[1] for key in server.names())
    assert areas == ["downloads", "help", "scores", "scores"]
