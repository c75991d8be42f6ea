"""Score files, prepared exports, files of requests and anchors in an object storage, the whole way."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from django.urls import reverse

from scoreport.audit import anchors
from scoreport.audit.actions import AnchorNotWritten
from scoreport.downloads import files
from scoreport.downloads.models import Download
from scoreport.lib.storage import put, storage
from scoreport.organizations import upkeep
from scoreport.scores.models import ClepResult
from scoreport.scores.verify.storage import anchored, kept_files, prepared_files
from scoreport.support import attachments
from scoreport.support.models import HelpFile
from scoreport.support.rules.requests import number_of
from tests.scores.files import load, row
from tests.web.help.test_files import file_of, send
from tests.world import AT

pytestmark = pytest.mark.django_db
EXPORT = "/reports/clep/ALDER-HIGH/all/export/"
DAY = dt.timedelta(days=1)
WANTED = ("Content-Type", "Content-Disposition", "Content-Length", "Cache-Control", "Content-Security-Policy")


def areas(server):
    """Return the areas of all objects."""
    return sorted(name.split("/")[1] for name in server.names())


def here(settings):
    """Return all files of people on this machine."""
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def fetched(client):
    """Have a roster prepared and fetch it; return the page and its bytes."""
    secret = Download.objects.latest("pk").secret
    page = client.get(f"/files/{secret}/content/")
    return page, b"".join(page.streaming_content)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_the_same_from_either_place(kind, request, client_for, run_tasks, settings):
    settings.EXPORT_AT_ONCE_ROWS = 0
    load(row("T1"), row("T2", first_name="Bo"))
    amy = client_for("amy")
    amy.post(EXPORT, {"format": kind})
    run_tasks()
    on_disk, content = fetched(amy)
    before = here(settings)
    Download.objects.update(key="")
    server = request.getfixturevalue("files_in_s3")
    amy.post(EXPORT, {"format": kind})
    run_tasks()
    from_s3, same = fetched(amy)
    # A workbook says when it was made.
    assert same == content if kind == "csv" else len(same) > 1000
    skipped = {"Content-Length"} if kind == "xlsx" else set()
    assert [from_s3.get(name) for name in WANTED if name not in skipped] == [
        on_disk.get(name) for name in WANTED if name not in skipped
    ]
    assert int(from_s3["Content-Length"]) == len(same)
    assert areas(server) == ["downloads"]
    assert here(settings) == before


def test_an_address_opens_a_file_in_s3_for_its_owner_only(files_in_s3, client_for, anonymous, run_tasks, settings):
    settings.EXPORT_AT_ONCE_ROWS = 0
    load(row("T1"))
    client_for("amy").post(EXPORT, {"format": "csv"})
    run_tasks()
    address = f"/files/{Download.objects.get().secret}/content/"
    assert client_for("dan").get(address).status_code == 404
    assert anonymous.get(address).status_code == 302
    page = client_for("amy").get(address)
    assert page.status_code == 200
    page.close()


def test_scores_are_checked_from_s3_and_nothing_stays_here(files_in_s3, world, settings):
    load(row("T1"), row("T2"))
    assert ClepResult.objects.count() == 2
    assert areas(files_in_s3) == ["scores"]
    assert here(settings) == []
    assert [finding.deviations for finding in kept_files(AT)] == [0]
    files_in_s3.admin.put_object(Bucket="school-files", Key=files_in_s3.names()[0], Body=b"other bytes")
    assert [finding.deviations for finding in kept_files(AT)] == [1]


def test_files_of_a_request_come_back_as_they_were_sent(files_in_s3, client_for):
    amy = client_for("amy")
    send(amy, file_of("a.txt", b"Small."))
    file = HelpFile.objects.get()
    assert areas(files_in_s3) == ["help"]
    page = amy.get(reverse("help_file", args=[number_of(file.message.request_id), file.pk]))
    assert b"".join(page.streaming_content) == b"Small."
    assert page["Content-Length"] == "6"
    assert client_for("dan").get(page.request["PATH_INFO"]).status_code == 404


def test_what_an_outage_left_behind_is_removed(files_in_s3, world):
    kept = load(row("T1"))
    for area in ("downloads", "help"):
        put(storage(area), b"left behind")
    later = dt.datetime.now(dt.UTC) + 5 * DAY
    assert [finding.deviations for finding in prepared_files(later)] == [1]
    files.expire(at=later)
    attachments.expire(at=later)
    assert files_in_s3.names() == [f"scoreport/scores/{kept.path}"]


# --- Anchors --------------------------------------------------------------------------------------


@pytest.fixture
def anchors_in_s3(object_storage, settings):
    """Have anchors copied to a bucket."""
    settings.ANCHORS_IN_S3 = replace(object_storage.place, prefix="anchors")
    return object_storage


def test_each_anchor_is_an_object_of_its_own_written_once(anchors_in_s3, world, settings):
    upkeep.run(AT)
    (name,) = anchors_in_s3.names()
    upkeep.run(AT + DAY)
    assert len(anchors_in_s3.names()) == 2
    assert anchors.read_storage(settings.ANCHORS_IN_S3).anchors == anchors.read(settings.AUDIT_ANCHORS).anchors
    assert [finding.deviations for finding in anchored(AT)] == [0]
    # What someone writes there in its place stays, and is named.
    anchors_in_s3.admin.put_object(Bucket="school-files", Key=name, Body=b'{"kind": "anchor"}')
    upkeep.run(AT + DAY)
    assert [finding.examples for finding in anchored(AT)] == [
        ("Line 1 of s3://school-files/anchors is not an anchor.",)
    ]


def test_an_outage_loses_no_anchor(anchors_in_s3, world, settings):
    place = settings.ANCHORS_IN_S3
    settings.ANCHORS_IN_S3 = replace(place, bucket="gone")
    with pytest.raises(AnchorNotWritten, match=r"s3://gone/anchors: .*NoSuchBucket"):
        upkeep.run(AT)
    assert len(anchors.read(settings.AUDIT_ANCHORS).anchors) == 1
    assert any("s3://gone/anchors cannot be read" in one for finding in anchored(AT) for one in finding.examples)
    settings.ANCHORS_IN_S3 = place
    upkeep.run(AT + DAY / 24)
    assert len(anchors_in_s3.names()) == 1


def test_events_that_were_rewritten_with_the_file_are_found_by_the_copy(anchors_in_s3, world, settings):
    upkeep.run(AT)
    name = anchors_in_s3.names()[0]
    line = anchors_in_s3.admin.get_object(Bucket="school-files", Key=name)["Body"].read()
    from scoreport.audit.models import Anchor, Event

    Event.objects.latest("pk").delete()
    Anchor.objects.all().delete()
    settings.AUDIT_ANCHORS.unlink()
    (finding,) = anchored(AT)
    assert any("were removed" in one for one in finding.examples)
    assert line.startswith(b"{")
