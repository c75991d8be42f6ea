"""Your files: preparing, ready, fetched, expired, failed; nobody else's."""

import datetime as dt

import pytest

from scoreport.access import Role
from scoreport.downloads import files
from scoreport.downloads.actions import begin
from scoreport.organizations.actions import grant_role, revoke_role
from tests.downloads.prepared import stored
from tests.web.pages import read
from tests.world import OPERATOR

DAY = dt.timedelta(days=1)


@pytest.fixture
def wanted(world, at):
    """Return a file that Amy waits for."""
    return begin(
        world.actor("amy"),
        kind="clep-roster",
        name="clep_470001.csv",
        media_type="text/csv",
        organization="ALDER-HIGH",
        rows_total=8000,
        at=at,
    )


def finish(wanted, at, content=b"score\n57\n"):
    files.finish(wanted.id, file=stored(content), at=at)


def test_a_file_is_followed_until_it_can_be_fetched(wanted, client_for, at):
    client = client_for("amy")
    page = f"/files/{wanted.secret}/"
    assert "0 of 8,000 rows" in read(client.get(page)).text
    files.progress(wanted.id, rows_done=2000)
    row = read(client.get(page, headers={"HX-Request": "true", "HX-Target": f"job-{wanted.id}"}))
    assert "<h1>" not in row.markup
    assert "2,000 of 8,000 rows" in row.text
    assert f'hx-get="{page}"' in row.markup
    finish(wanted, at)
    row = read(client.get(page, headers={"HX-Request": "true", "HX-Target": f"job-{wanted.id}"}))
    assert "hx-get" not in row.markup
    assert "9 bytes, can be fetched until Nov 22, 2026, 12:00 PM Eastern" in row.text


def test_a_file_is_fetched_as_a_file_and_nothing_else(wanted, client_for, at):
    finish(wanted, at)
    client = client_for("amy")
    answer = client.get(f"/files/{wanted.secret}/content/")
    assert b"".join(answer.streaming_content) == b"score\n57\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="clep_470001.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Length"] == "9"
    client.get(f"/files/{wanted.secret}/content/").getvalue()
    assert "Fetched 2 times." in read(client.get("/files/")).text


def test_what_cannot_be_fetched_says_why(wanted, client_for, at):
    client = client_for("amy")
    page = client.get(f"/files/{wanted.secret}/content/", follow=True)
    assert "not ready yet" in read(page).text
    finish(wanted, at)
    late = client_for("amy", now=at + DAY)
    page = read(late.get(f"/files/{wanted.secret}/content/", follow=True))
    assert "has expired" in page.text
    assert "Expired" in page.text
    assert page.links().get("Download") is None


def test_what_failed_can_be_tried_again(wanted, client_for):
    files.fail(wanted.id, reason="The disk was full.")
    client = client_for("amy")
    assert "Failed The disk was full." in read(client.get(f"/files/{wanted.secret}/")).text
    page = read(client.post(f"/files/{wanted.secret}/again/", follow=True))
    assert "Preparing" in page.text
    page = read(client.post(f"/files/{wanted.secret}/again/", follow=True))
    assert "Only a file that could not be made can be tried again." in page.text


def test_a_file_stays_closed_without_a_second_factor_and_when_the_role_is_gone(wanted, client_for, at):
    finish(wanted, at)
    answer = client_for("amy", second_factor=False).get(f"/files/{wanted.secret}/content/")
    assert (answer.status_code, "second-factor" in answer.url) == (302, True)
    client = client_for("amy")
    revoke_role(OPERATOR, email="amy@juniper.example", organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, at=at)
    assert client.get(f"/files/{wanted.secret}/content/").status_code == 404
    grant_role(OPERATOR, email="amy@juniper.example", organization="ALDER-HIGH", role=Role.SUMMARY_REPORTS, at=at)
    assert client.get(f"/files/{wanted.secret}/content/").status_code == 403


@pytest.mark.parametrize("rest", ["", "content/"])
def test_the_address_alone_opens_nothing(wanted, client_for, anonymous, at, rest):
    finish(wanted, at)
    for name in ("dan", "sam", "pat", "bea"):
        theirs = client_for(name).get(f"/files/{wanted.secret}/{rest}")
        nobodys = client_for(name).get(f"/files/no-such-file/{rest}")
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.content == nobodys.content
        assert "clep_470001" not in read(client_for(name).get("/files/")).text
    assert anonymous.get(f"/files/{wanted.secret}/{rest}").status_code == 302
    assert client_for("dan").post(f"/files/{wanted.secret}/again/").status_code == 404


def test_without_files_the_page_says_what_will_appear(client_for):
    assert "No files yet" in read(client_for("nora").get("/files/")).text
