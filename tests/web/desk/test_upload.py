"""Files come in through the form: one or several, each with a clear answer."""

import pytest
from django.test import Client

from scoreport.imports.models import ImportFile
from scoreport.imports.rules import FileState
from scoreport.web.middleware import AT_KEY
from tests.conftest import give_second_factor
from tests.scores.files import row, text
from tests.web.desk.pages import plain, rows_of, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat(client_for):
    """Return the browser of a member of the program staff."""
    return client_for("pat")


def test_it_works(pat):
    page = pat.get("/desk/upload/")
    assert page.status_code == 200
    assert "Upload and check" in plain(page)


def test_one_file_leads_to_its_page(pat):
    response = upload(pat, text(row("T1")), name="mine.csv")
    file = ImportFile.objects.get()
    assert (response.status_code, response.url) == (302, f"/desk/files/{file.pk}/")
    assert (file.name, file.state, file.received_by) == ("mine.csv", "received", "Pat <pat@juniper.example>")


def test_the_bytes_are_kept_as_they_came(pat, settings):
    content = rows_of(30_000)
    upload(pat, content)
    file = ImportFile.objects.get()
    assert file.size == len(content) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    assert (settings.MEDIA_ROOT / "scores" / file.path).read_bytes() == content


def test_several_files_are_checked_each_by_itself(pat, run_tasks):
    response = upload(pat, text(row("T1")), b"nonsense", text(row("T2")))
    assert response.url == "/desk/"
    assert run_tasks() == 3
    assert sorted(ImportFile.objects.values_list("state", flat=True)) == ["checked", "checked", "failed"]


def test_without_a_file_the_form_says_so(pat):
    page = pat.post("/desk/upload/", {"program": "clep"})
    assert "Choose a file first." in plain(page)
    assert not ImportFile.objects.exists()


def test_an_empty_file_is_told_at_once(pat):
    assert "The file is empty." in plain(upload(pat, b""))


def test_a_program_that_nobody_knows_is_no_choice(pat):
    page = pat.post("/desk/upload/", {"program": "chess"})
    assert "chess" in plain(page)


def test_a_file_above_the_limit_is_dropped_and_told(pat, settings, tmp_path):
    settings.MAX_UPLOAD_BYTES = 100_000
    page = upload(pat, b"x" * 150_000, name="large.csv")
    assert "“large.csv” is larger than 100.0 kB" in plain(page)
    assert not ImportFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_limit_itself_is_allowed(pat, settings):
    settings.MAX_UPLOAD_BYTES = 100_000
    upload(pat, b"x" * 100_000)
    assert ImportFile.objects.get().size == 100_000


def test_htmx_is_led_to_the_page_and_gets_only_the_form_for_errors(pat):
    headers = {"HX-Request": "true", "HX-Target": "upload"}
    response = upload(pat, text(row("T1")), headers=headers)
    assert response.headers["HX-Redirect"] == f"/desk/files/{ImportFile.objects.get().pk}/"
    page = pat.post("/desk/upload/", {"program": "clep"}, headers=headers)
    assert page.content.decode().lstrip().startswith('<form id="upload"')


def test_a_form_without_its_token_is_refused(world, at):
    client = Client(enforce_csrf_checks=True, **{AT_KEY: at})
    client.force_login(_user(world.people["pat"].id))
    give_second_factor(client, world.people["pat"].id)
    assert upload(client, text(row("T1"))).status_code == 403
    assert not ImportFile.objects.exists()


def test_who_may_not_upload_is_refused_before_anything_is_read(client_for, tmp_path):
    body = b"not a form at all " * 100_000
    response = client_for("amy").post("/desk/upload/", body, content_type="multipart/form-data; boundary=none")
    assert response.status_code == 403
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_name_that_deceives_is_cleaned(pat):
    upload(pat, text(row("T1")), name="scores\u202evsc.exe\x07.csv")
    assert ImportFile.objects.get().name == "scoresvsc.exe.csv"


def test_an_upload_is_recorded(pat):
    from scoreport.audit.queries import events_of

    upload(pat, text(row("T1")))
    event = events_of(subject_kind="score-file")[0]
    assert (event.facts.verb, event.facts.actor) == ("scores:file:received", "Pat <pat@juniper.example>")


def test_a_file_of_another_kind_is_refused_in_words(pat, run_tasks):
    upload(pat, b"PK\x03\x04" + b"\0" * 100, name="scores.xlsx")
    run_tasks()
    file = ImportFile.objects.get()
    assert file.state == FileState.FAILED
    assert "workbook" in plain(pat.get(f"/desk/files/{file.pk}/"))


def _user(pk):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=pk)


@pytest.mark.slow
@pytest.mark.once
def test_whatever_is_uploaded_there_is_a_page_that_says_what_it_is(pat, run_tasks):
    """Never a fault of ours: each of these files ends in the list of rows, or in a sentence that names the place."""
    from tests.scores.mutations import mutated

    for number in range(0, 2_000, 50):
        content = mutated(number)
        response = upload(pat, content)
        if not content:
            assert "The file is empty." in plain(response)
            continue
        run_tasks()
        page = pat.get(response.url)
        assert page.status_code == 200
        file = ImportFile.objects.latest("pk")
        assert file.state in {FileState.CHECKED, FileState.FAILED}
        is_offered = any(cause["repair"] for cause in file.causes)
        words = "What the check found" if file.state == FileState.CHECKED else "Read" if is_offered else "Line "
        assert words in plain(page)
        assert pat.get(f"{response.url}refused/").status_code == 200
