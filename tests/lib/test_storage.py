"""The same promises of every storage of files, on disk and in a bucket."""

import datetime as dt
import io
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from scoreport.lib.storage import StorageUnavailable, put, remove_litter, s3, storage, waiting
from scoreport.lib.storage.place import Access, place

LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["disk", "s3"])
def files(request, settings):
    """Return a storage of each kind."""
    if request.param == "s3":
        request.getfixturevalue("files_in_s3")
    return storage("scores")


def everything(settings) -> list[Path]:
    """Return all files of this machine that belong to the storage."""
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_what_is_stored_is_read_again(files):
    content = os.urandom(300_000)
    name = put(files, content)
    assert len(name) == 32
    with files.read(name) as file:
        assert file.read(1000) + file.read() == content
    with files.open_local(name) as file:
        assert file.read() == content
        file.seek(5)
        assert file.readline() == io.BytesIO(content[5:]).readline()
    assert files.size(name) == 300_000
    assert [(one.name, one.size) for one in files.older_than(LATER)] == [(name, 300_000)]
    assert files.older_than(LONG_AGO) == []


def test_an_empty_file_is_a_file(files):
    name = put(files, b"")
    with files.read(name) as file:
        assert file.read() == b""
    assert files.size(name) == 0


def test_a_block_that_raises_leaves_nothing(files, settings):
    def fails():
        with files.write() as draft:
            draft.path.write_bytes(b"half")
            assert files.size(draft.name) is None
            assert stat.S_IMODE(draft.path.stat().st_mode) == 0o600
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert files.older_than(LATER) == []
    assert everything(settings) == []


def test_a_name_may_be_known_at_the_end_only(files):
    with files.write() as draft:
        draft.path.write_bytes(b"what")
        draft.name = "of-its-content"
    assert draft.size == 4
    assert put(files, b"another", "of-its-content") == "of-its-content"
    with files.read("of-its-content") as file:
        assert file.read() == b"another"


def test_what_is_removed_is_gone(files):
    name = put(files, b"1")
    for _time in range(2):
        files.delete(name)
    assert files.size(name) is None
    for opened in (files.read, files.open_local):
        with pytest.raises(FileNotFoundError):
            opened(name)


def test_areas_are_apart(files):
    name = put(files, b"1")
    other = storage("help")
    assert other.size(name) is None
    assert other.older_than(LATER) == []
    other.delete(name)
    assert files.size(name) == 1


@pytest.mark.parametrize("name", ["../secret_key", "a/b", "/etc/passwd", ".hidden", "draft-1", "a\nb", "ä", "a" * 201])
def test_no_name_leads_out_of_the_area(files, name):
    acts = [files.read, files.open_local, files.size, files.delete, lambda bad: put(files, b"1", bad)]
    for act in acts:
        with pytest.raises(ValueError, match="name of a stored file"):
            act(name)
    with pytest.raises(ValueError, match="name of a stored file"), files.write() as draft:
        draft.name = name
    assert files.older_than(LATER) == []


def test_litter_goes_and_what_is_known_stays(files):
    known, litter = put(files, b"1"), put(files, b"2")
    assert remove_litter(files, before=LONG_AGO, known=lambda _names: set()) == 0
    assert remove_litter(files, before=LATER, known=lambda _names: {known}) == 1
    assert [one.name for one in files.older_than(LATER)] == [known]
    assert files.size(litter) is None


def test_drafts_of_processes_that_died_are_swept(files, settings):
    with files.write() as draft:
        left = draft.path.with_name(f"{draft.path.name}0")
        left.write_bytes(b"half")
    assert files.sweep(LONG_AGO) == 0
    assert files.sweep(LATER) == 1
    assert not left.exists()
    assert files.size(draft.name) == 0


# --- In a bucket only ---------------------------------------------------------------------------


def test_an_object_is_encrypted_and_private(files_in_s3):
    name = put(storage("downloads"), b"1")
    (key,) = files_in_s3.names()
    assert key == f"scoreport/downloads/{name}"
    about = files_in_s3.admin.head_object(Bucket="school-files", Key=key)
    assert about["ServerSideEncryption"] == "AES256"
    grants = files_in_s3.admin.get_object_acl(Bucket="school-files", Key=key)["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    assert "URI" not in grants[0]["Grantee"]


def test_a_large_file_goes_in_parts_and_nothing_of_it_stays_here(files_in_s3, settings, monkeypatch):
    monkeypatch.setattr(s3, "PART", 5 << 20)
    content = os.urandom(12 << 20)
    files = storage("scores")
    name = put(files, content)
    with files.open_local(name) as file:
        assert file.read() == content
        assert everything(settings) == []
    etag = files_in_s3.admin.head_object(Bucket="school-files", Key=f"scoreport/scores/{name}")["ETag"]
    assert etag.endswith('-3"')
    assert files_in_s3.unfinished() == []


def test_parts_of_a_file_that_was_never_complete_are_swept(files_in_s3):
    files_in_s3.admin.create_multipart_upload(Bucket="school-files", Key="scoreport/scores/abc")
    assert storage("scores").sweep(LONG_AGO) == 0
    assert storage("scores").sweep(LATER) == 1
    assert files_in_s3.unfinished() == []


def test_a_bucket_that_is_gone_is_no_missing_file(files_in_s3):
    files = storage("scores")
    name = put(files, b"1")
    files_in_s3.empty()
    acts = [files.read, files.size, files.delete, lambda _name: files.older_than(LATER), lambda _n: put(files, b"1")]
    for act in acts:
        with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
            act(name)
    files_in_s3.admin.create_bucket(Bucket="school-files")


@pytest.mark.parametrize("wrong", ["key_id", "secret"])
def test_a_wrong_key_stores_nothing(files_in_s3, settings, wrong):
    access = replace(files_in_s3.access, **{wrong: "WRONG"})
    settings.FILES_IN_S3 = replace(files_in_s3.place, access=access)
    with pytest.raises(StorageUnavailable, match="403"):
        put(storage("scores"), b"1")
    assert files_in_s3.names() == []
    assert "WRONG" not in repr(settings.FILES_IN_S3)


def test_a_file_that_ends_early_is_an_error():
    with pytest.raises(StorageUnavailable, match="before its end"):
        s3._Body(io.BytesIO(b"half"), 8).read()
    assert s3._Body(io.BytesIO(b"whole and more"), 5).read() == b"whole"


# --- How long a page waits ------------------------------------------------------------------------


def test_a_page_does_not_wait_longer_than_its_time():
    from threading import Event

    go = Event()
    late: list[bool] = []
    with waiting.at_most(0.2):
        with pytest.raises(StorageUnavailable, match="in time"):
            waiting.within(lambda: go.wait(5), too_late=late.append)
        with pytest.raises(StorageUnavailable, match="used up"):
            waiting.within(lambda: 1)
    go.set()
    assert waiting.within(lambda: 1) == 1
    for _try in range(100):
        if late:
            break
        Event().wait(0.02)
    assert late == [True]


def test_errors_come_through_as_they_are():
    def fails():
        raise TimeoutError

    with waiting.at_most(5), pytest.raises(TimeoutError):
        waiting.within(fails)


# --- What the environment says --------------------------------------------------------------------

ACCESS = Access("https://s3.example.org", "us-east-1", "AES256", "id", "secret")


def test_an_address_is_read():
    found = place("STORAGE_URL", "s3://bucket/a/b/", ACCESS)
    assert found
    assert (found.bucket, found.prefix, found.label) == ("bucket", "a/b", "s3://bucket/a/b")
    assert place("STORAGE_URL", "", ACCESS) is None
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "access", "told"),
    [
        ("https://bucket", ACCESS, "s3://BUCKET"),
        ("s3://", ACCESS, "s3://BUCKET"),
        ("s3://id:secret@bucket", ACCESS, "without a key"),
        ("s3://bucket?x=1", ACCESS, "s3://BUCKET"),
        ("s3://bucket", replace(ACCESS, secret=""), "AWS_SECRET_ACCESS_KEY"),
        ("s3://bucket", replace(ACCESS, endpoint="s3.example.org"), "S3_ENDPOINT"),
    ],
)
def test_an_address_that_cannot_be_right_stops_the_start(url, access, told):
    with pytest.raises(ImproperlyConfigured, match=told):
        place("STORAGE_URL", url, access)
