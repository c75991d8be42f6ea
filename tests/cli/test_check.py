"""``scoreport check`` names a storage that files cannot be stored in."""

from dataclasses import replace

import pytest

pytestmark = pytest.mark.django_db


def test_a_storage_that_works_is_not_named(scoreport, object_storage, settings):
    settings.FILES_IN_S3 = object_storage.place
    settings.ANCHORS_IN_S3 = replace(object_storage.place, prefix="anchors")
    said = scoreport("check")
    assert said.code == 0, said.err
    assert object_storage.names() == []


def test_a_disk_that_does_not_work_is_named(scoreport, settings):
    settings.MEDIA_ROOT.write_bytes(b"no folder")
    said = scoreport("check")
    assert said.code == 1
    assert "Files cannot be stored in the data folder" in said.err


@pytest.mark.parametrize("wrong", ["bucket", "key"])
def test_a_storage_that_does_not_work_is_named(scoreport, object_storage, settings, wrong):
    place, access = object_storage.place, object_storage.access
    bad = replace(place, bucket="gone") if wrong == "bucket" else replace(place, access=replace(access, secret="wrong"))
    settings.FILES_IN_S3 = settings.ANCHORS_IN_S3 = bad
    said = scoreport("check")
    assert said.code == 1
    assert "Files cannot be stored in STORAGE_URL" in said.err
    assert "Files cannot be stored in AUDIT_ANCHOR_STORAGE_URL" in said.err
    assert access.secret not in said.err


def test_files_that_travel_in_the_open_are_named(scoreport, object_storage, settings):
    access = replace(object_storage.access, endpoint="http://storage.example.org")
    settings.ANCHORS_IN_S3 = replace(object_storage.place, access=access)
    from scoreport.checks import safe_settings

    assert "scoreport.W016" in [message.id for message in safe_settings()]
    settings.ANCHORS_IN_S3 = object_storage.place
    assert "scoreport.W016" not in [message.id for message in safe_settings()]
