"""A prepared file: asked for, made, fetched by its owner alone, written down each time, and gone after its time."""

import datetime as dt
import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from scoreport import access
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.downloads import files, queries, row_limits
from scoreport.downloads.actions import NobodyToKeepItFor, NotReady, TooManyOpen, begin, open_download, try_again
from scoreport.downloads.models import Download, Opening
from scoreport.downloads.queries import UnknownDownload
from scoreport.downloads.rules import OPEN_JOBS, TRANSITIONS, Allowance, DownloadState, state_at, states_before
from tests.downloads.prepared import stored

LIFE = dt.timedelta(hours=24)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def amy(actor):
    return actor("amy")


def ask(owner, at, **changes):
    wanted = {"kind": "roster", "name": "Alder.csv", "media_type": "text/csv", "organization": "ALDER-HIGH"}
    return begin(owner, **wanted | changes, at=at)


def make(info, at, content=b"a,b\n"):
    file = stored(content)
    assert files.finish(info.id, file=file, at=at)
    return Path(settings.MEDIA_ROOT) / "downloads" / file.name


def test_a_file_is_asked_for_made_and_fetched(amy, at):
    info = ask(amy, at, parameters={"year": 2026}, rows_total=2)
    assert (info.state, info.rows_total, info.parameters) == (DownloadState.PREPARING, 2, {"year": 2026})
    files.progress(info.id, rows_done=1)
    assert queries.download(amy, info.secret, at=at).rows_done == 1
    path = make(info, at)
    ready = queries.download(amy, info.secret, at=at)
    assert (ready.state, ready.size, ready.ready_at, ready.expires_at) == (DownloadState.READY, 4, at, at + LIFE)
    opened = open_download(amy, secret=info.secret, at=at)
    with opened.file:
        assert opened.file.read() == b"a,b\n"
    assert (opened.name, opened.media_type, opened.size) == ("Alder.csv", "text/csv", 4)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "Alder" not in path.name


def test_every_opening_is_written_down(amy, at):
    info = ask(amy, at)
    make(info, at)
    for minute in range(2):
        open_download(amy, secret=info.secret, at=at + dt.timedelta(minutes=minute)).file.close()
    assert list(Opening.objects.values_list("actor", "address")) == [("Amy <amy@juniper.example>", "192.0.2.1")] * 2
    assert queries.download(amy, info.secret, at=at).openings == 2
    assert [event.facts.subject for event in events_of(verb=Verb.DOWNLOAD_OPENED)] == ["Alder.csv"] * 2


@pytest.mark.parametrize("name", ["dan", "sam", "bea", "pat", "nora", "max"])
def test_nobody_but_the_owner_knows_of_it(actor, amy, at, name):
    info = ask(amy, at)
    make(info, at)
    other = actor(name)
    for act in (queries.download, open_download, try_again):
        with pytest.raises(UnknownDownload) as theirs:
            act(other, secret=info.secret, at=at)
        with pytest.raises(UnknownDownload) as nobodys:
            act(other, secret="nothing", at=at)
        assert str(theirs.value) == str(nobodys.value)
    assert queries.downloads_of(other, at=at) == []


def test_commands_and_strangers_own_nothing(db, at, operator):
    for somebody in (operator, access.ANONYMOUS):
        with pytest.raises(NobodyToKeepItFor):
            ask(somebody, at)
        assert queries.downloads_of(somebody, at=at) == []


def test_the_list_has_the_newest_first(amy, at):
    names = ["one.csv", "two.csv", "three.csv"]
    for minute, name in enumerate(names):
        ask(amy, at + dt.timedelta(minutes=minute), name=name)
    assert [info.name for info in queries.downloads_of(amy, at=at)] == names[::-1]
    assert len(queries.downloads_of(amy, at=at, limit=2)) == 2


def test_a_file_that_is_not_ready_says_why(amy, at):
    info = ask(amy, at)
    with pytest.raises(NotReady, match="not ready yet"):
        open_download(amy, secret=info.secret, at=at)
    files.fail(info.id, reason="The disk is full.")
    with pytest.raises(NotReady, match="The disk is full"):
        open_download(amy, secret=info.secret, at=at)


def test_a_file_that_failed_can_be_tried_again(amy, at):
    info = ask(amy, at)
    with pytest.raises(NotReady):
        try_again(amy, secret=info.secret, at=at)
    files.fail(info.id, reason="The disk is full.")
    later = at + dt.timedelta(hours=3)
    again = try_again(amy, secret=info.secret, at=later)
    assert (again.state, again.reason, again.expires_at) == (DownloadState.PREPARING, "", later + LIFE)
    make(info, later)
    with pytest.raises(NotReady):
        try_again(amy, secret=info.secret, at=later)


def test_a_file_ends_with_its_time(amy, at, run_tasks):
    info = ask(amy, at)
    path = make(info, at)
    last = at + LIFE - dt.timedelta(microseconds=1)
    open_download(amy, secret=info.secret, at=last).file.close()
    with pytest.raises(NotReady, match="expired"):
        open_download(amy, secret=info.secret, at=at + LIFE)
    assert path.exists()
    assert files.expire(at=last) == 0
    assert files.expire(at=at + LIFE) == 1
    assert not path.exists()
    assert queries.download(amy, info.secret, at=at).state is DownloadState.EXPIRED
    assert files.expire(at=at + LIFE) == 0


def test_the_time_starts_when_the_file_is_ready_and_an_abandoned_one_ends_too(amy, at):
    slow, abandoned = ask(amy, at), ask(amy, at)
    later = at + LIFE - dt.timedelta(hours=1)
    make(slow, later)
    assert files.expire(at=at + LIFE) == 1
    assert queries.download(amy, slow.secret, at=at + LIFE).state is DownloadState.READY
    assert queries.download(amy, abandoned.secret, at=at + LIFE).state is DownloadState.EXPIRED


def test_cleaning_up_is_a_task_of_its_own(amy, run_tasks):
    """Its time lies behind the longest life that the file can have."""
    then = timezone.now() - 2 * LIFE - dt.timedelta(minutes=1)
    info = ask(amy, then)
    path = make(info, then + dt.timedelta(hours=1))
    assert run_tasks(until=timezone.now()) == 1
    assert not path.exists()
    ask(amy, timezone.now())
    assert run_tasks(until=timezone.now()) == 0


def test_a_job_that_runs_twice_leaves_one_file(amy, at):
    info = ask(amy, at)
    kept = make(info, at)
    second = stored(b"later")
    assert not files.finish(info.id, file=second, at=at)
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    assert Download.objects.get().path == kept.name
    files.fail(info.id, reason="too late")
    files.progress(info.id, rows_done=99)
    assert queries.for_job(info.id, at=at).state is DownloadState.READY
    assert queries.for_job(info.id, at=at).rows_done == 0


def test_a_file_that_vanished_is_not_counted_as_opened(amy, at):
    info = ask(amy, at)
    make(info, at).unlink()
    with pytest.raises(NotReady, match="gone"):
        open_download(amy, secret=info.secret, at=at)
    assert Opening.objects.count() == 0


def test_a_job_knows_whose_file_it_makes(amy, at):
    info = ask(amy, at)
    assert queries.for_job(info.id, at=at).owner_id == amy.person_id
    with pytest.raises(UnknownDownload):
        queries.for_job(0, at=at)


def test_secrets_cannot_be_guessed(amy, at):
    secrets = set()
    for _number in range(20):
        info = ask(amy, at)
        files.fail(info.id, reason="The disk is full.")
        secrets.add(info.secret)
    assert len(secrets) == 20
    assert all(len(secret) >= 43 for secret in secrets)


@given(st.sampled_from(DownloadState), st.timedeltas(dt.timedelta(hours=-1), dt.timedelta(hours=1)))
def test_only_a_ready_file_runs_out_of_time(state, distance):
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    told = state_at(state, now + distance, now)
    over = distance <= dt.timedelta(0)
    assert told is (DownloadState.EXPIRED if state is DownloadState.READY and over else state)


def test_an_expired_file_is_never_ready_again():
    assert TRANSITIONS[DownloadState.EXPIRED] == frozenset()
    assert states_before(DownloadState.READY) == (DownloadState.PREPARING,)


# --- Few at a time, each request once --------------------------------------------------------------


def test_three_files_are_prepared_for_a_person_at_the_same_time(actor, amy, at):
    first, *_others = [ask(amy, at) for _number in range(OPEN_JOBS)]
    with pytest.raises(TooManyOpen, match="3 files are being prepared"):
        ask(amy, at)
    ask(actor("dan"), at)
    make(first, at)
    ask(amy, at)
    files.fail(Download.objects.filter(state=DownloadState.PREPARING).earliest("id").pk, reason="The disk is full.")
    failed = Download.objects.get(state=DownloadState.FAILED)
    ask(amy, at)
    with pytest.raises(TooManyOpen):
        try_again(amy, secret=failed.secret, at=at)


def test_files_that_nobody_finished_make_room_when_their_time_ends(amy, at):
    for _number in range(OPEN_JOBS):
        ask(amy, at)
    ask(amy, at + LIFE)


def test_the_same_request_cannot_be_stored_twice(actor, amy, at):
    info = ask(amy, at, key="same")
    assert queries.same_request(amy, "same", at=at) == info
    assert queries.same_request(actor("dan"), "same", at=at) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        ask(amy, at, key="same")
    ask(actor("dan"), at, key="same")


def test_the_same_request_can_be_made_again_once_its_file_is_over(amy, at):
    make(ask(amy, at, key="same"), at)
    assert queries.same_request(amy, "same", at=at + LIFE) is None
    second = ask(amy, at + LIFE, key="same")
    files.fail(second.id, reason="The disk is full.")
    third = ask(amy, at + LIFE, key="same")
    with pytest.raises(NotReady, match="another entry"):
        try_again(amy, secret=second.secret, at=at + LIFE)
    make(third, at + LIFE).unlink()
    with pytest.raises(NotReady, match="gone"):
        open_download(amy, secret=third.secret, at=at + LIFE)
    ask(amy, at + LIFE, key="same")


# --- Rows a day -----------------------------------------------------------------------------------


def test_a_day_is_one_of_the_installation(settings, amy, at):
    settings.TIME_ZONE = "America/New_York"
    midnight = dt.datetime(2026, 11, 22, 5, tzinfo=dt.UTC)
    row_limits.count_export(amy, organization="ALDER-HIGH", key="one", rows=300, at=midnight - SECOND)
    row_limits.count_export(amy, organization="BIRCH-HIGH", key="two", rows=400, at=midnight - SECOND)
    row_limits.count_export(
        amy, organization="ALDER-HIGH", key="three", rows=9000, is_approved=True, at=midnight - SECOND
    )
    assert row_limits.allowance(amy, at=midnight - SECOND) == Allowance(settings.EXPORT_ROWS_A_DAY, 700)
    assert row_limits.allowance(amy, at=midnight).used == 0
    assert row_limits.is_counted(amy, key="one", at=midnight - SECOND)
    assert not row_limits.is_counted(amy, key="one", at=midnight)


def test_rows_that_are_looked_at_are_added_up_over_organizations(actor, amy, operator, at):
    for organization, rows in (("ALDER-HIGH", 50), ("ALDER-HIGH", 50), ("BIRCH-HIGH", 20)):
        row_limits.count_view(amy, organization=organization, rows=rows, at=at)
    row_limits.count_view(actor("dan"), organization="ALDER-HIGH", rows=119, at=at)
    row_limits.count_view(operator, organization="ALDER-HIGH", rows=500, at=at)
    day = row_limits.day_of(at)
    assert row_limits.views_above(120, day=day) == [
        ("Amy <amy@juniper.example>", "ALDER-HIGH", 100, 2),
        ("Amy <amy@juniper.example>", "BIRCH-HIGH", 20, 1),
    ]
    assert row_limits.views_above(121, day=day) == []
