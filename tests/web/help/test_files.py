"""Files through the pages: refused with a sentence, kept, and sent so that no browser shows them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scoreport.support.models import HelpFile, HelpRequest
from tests.support.asks import GOOD, PDF, ask, bomb, given
from tests.web.desk.pages import plain
from tests.web.pages import read

pytestmark = pytest.mark.django_db


def send(client, *files, **more):
    """Ask with files and return the answer."""
    sent = {
        "kind": "other",
        "once": "x",
        "text": "Look.",
        "name": "Amy",
        "with_place": "on",
        "attachments": list(files),
    }
    return client.post("/help/requests/new/", sent | more)


def file_of(name, content):
    return SimpleUploadedFile(name, content, content_type="text/html")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("drawing.svg", b"<svg onload='alert(1)'/>", "Files may be PDF"),
        ("page.html", b"<html/>", "Files may be PDF"),
        ("letter.pdf", GOOD["screen.png"], "not what its name says"),
        ("letter.pdf.exe", PDF, "Files may be PDF"),
        ("empty.txt", b"", "is empty"),
        ("bomb.xlsx", bomb(), "not what its name says"),
        ("large.txt", b"x" * 20_001, "larger than 0.02 MB"),
        ('"><img src=x onerror=alert(1)>.svg', b"<svg/>", "Files may be PDF"),
    ],
)
def test_a_bad_file_is_told_on_the_form_with_what_was_typed(client_for, settings, name, content, told):
    settings.HELP_ATTACHMENT_BYTES = 200_000 if "bomb" in name else 20_000
    page = send(client_for("amy"), file_of(name, content))
    assert page.status_code == 200
    assert told in plain(page)
    assert "Look." in read(page).markup
    assert "<img src=x" not in read(page).markup
    assert not HelpRequest.objects.exists()


def test_every_good_file_is_kept(client_for):
    for number, (name, content) in enumerate(GOOD.items()):
        assert send(client_for("amy"), file_of(name, content), once=str(number)).status_code == 302
    assert HelpFile.objects.count() == len(GOOD)


def test_a_large_file_is_never_written(client_for, settings, tmp_path):
    settings.HELP_ATTACHMENT_BYTES = 20_000
    page = send(client_for("amy"), file_of("large.pdf", PDF + bytes(60_000)))
    assert "larger than" in plain(page)
    page = send(client_for("amy"), file_of("larger.pdf", PDF + bytes(3_000_000)))
    assert (page.status_code, "takes up to 60.0" in plain(page)) == (413, True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_files_leave_as_files(client_for, actor):
    number = ask(actor("amy"), files=[given("page of Peña.pdf", PDF)])
    file_id = HelpFile.objects.get().pk
    for name, address in (("amy", "help/requests"), ("pat", "desk/requests")):
        answer = client_for(name).get(f"/{address}/{number}/files/{file_id}/")
        assert b"".join(answer.streaming_content) == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/pdf"


def test_what_was_removed_says_so(client_for, actor, at):
    number = ask(actor("amy"), files=[given("letter.pdf", PDF)])
    HelpFile.objects.update(removed_at=at, path="", name="")
    assert "A file, removed on Nov 21, 2026" in plain(client_for("amy").get(f"/help/requests/{number}/"))


def test_a_form_without_its_token_sends_nothing(client_for):
    amy = client_for("amy")
    amy.handler.enforce_csrf_checks = True
    assert send(amy, file_of("letter.pdf", PDF)).status_code == 403
    assert not HelpRequest.objects.exists()


def test_the_same_for_replies_and_answers(client_for, actor):
    number = ask(actor("amy"))
    bad = {"text": "Look.", "attachments": [file_of("x.svg", b"<svg/>")]}
    reply = client_for("amy").post(f"/help/requests/{number}/reply/", bad)
    bad = {"text": "Look.", "seen": "1", "attachments": [file_of("x.svg", b"<svg/>")]}
    answer = client_for("pat").post(f"/desk/requests/{number}/answer/", bad)
    for page in (reply, answer):
        assert "Files may be PDF" in plain(page)
        assert "Look." in read(page).markup
    good = {"text": "Look.", "attachments": [file_of("x.txt", b"Here.")]}
    assert client_for("amy").post(f"/help/requests/{number}/reply/", good).status_code == 302
