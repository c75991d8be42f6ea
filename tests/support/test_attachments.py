"""Files that come with a request: looked at, kept private, opened on the record, removed in time."""

import datetime as dt
import io
import zipfile

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from scoreport import access
from scoreport.access import NotAllowed
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.support import attachments
from scoreport.support.actions import asking, expire_attachments
from scoreport.support.actions.answering import settle
from scoreport.support.actions.files import UnknownFile, open_file, open_own_file
from scoreport.support.attachments import BadFile, check
from scoreport.support.models import HelpFile, HelpRequest
from scoreport.support.rules.files import LONGEST_NAME, FileKind, fits, kind_of, tidy_name
from tests.support.asks import GOOD, JPEG, PDF, PNG, answered, ask, bomb, given, liar, package, workbook
from tests.world import AT

OPERATOR = access.command("tests")
NINETY = dt.timedelta(days=90)

BAD = {
    "letter.pdf": PNG,
    "screen.png": PDF,
    "photo.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "rows.csv": b"<html><script>alert(1)</script></html>",
    "late.csv": b"\xef\xbb\xbf  <svg onload=alert(1)>",
    "program.txt": b"MZ\x90\x00\x03",
    "packed.txt": b"PK\x03\x04 rows",
    "zeros.csv": b"a,b\n\x00\x00",
    "wide.csv": "first,score\n".encode("utf-16"),
    "page.html": b"<html></html>",
    "drawing.svg": b"<svg/>",
    "letter.pdf.exe": PDF,
    "macro.xlsm": workbook(),
    "archive.zip": package(),
    "noextension": PDF,
    ".pdf": b"not a letter",
    "empty.pdf": b"",
    "book.xlsx": b"PK\x03\x04 and nothing else",
    "cut.xlsx": workbook()[:200],
    "notabook.xlsx": b"PK\x03\x04" + bytes(100),
    "macros.xlsx": package(**{"xl/vbaProject.bin": b"x"}),
    "climbing.xlsx": package(**{"../../etc/passwd": b"x"}),
    "absolute.xlsx": package(**{"/etc/passwd": b"x"}),
    "many.xlsx": package(**{f"xl/{n}.xml": b"x" for n in range(1100)}),
    "bomb.xlsx": bomb(),
    "liar.xlsx": liar(),
}


def other_zip() -> bytes:
    """Return a good package that is no workbook."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("word/document.xml", "<x/>")
    return made.getvalue()


@pytest.mark.parametrize("name", GOOD)
def test_files_as_programs_write_them_are_taken(name):
    checked = check(given(name, GOOD[name]))
    assert checked.content == GOOD[name]
    assert checked.kind is kind_of(checked.name)


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_what_it_says_is_refused_with_a_sentence(name):
    with pytest.raises(BadFile) as refusal:
        check(given(name, BAD[name]))
    assert name.rpartition("/")[2] in str(refusal.value)


def test_a_document_is_no_workbook():
    with pytest.raises(BadFile, match="not what its name says"):
        check(given("book.xlsx", other_zip()))


def test_a_small_packed_file_does_not_fill_the_memory():
    """The bomb is a hundred kilobytes; the limit of sizes alone would let it through."""
    assert len(bomb()) < 200_000
    assert check(given("book.xlsx", package(**{"xl/a.xml": bytes(1_000_000)}))).kind is FileKind.XLSX


def test_what_says_that_it_is_huge_is_not_even_unpacked(monkeypatch):
    monkeypatch.setattr(attachments, "_unpacked", lambda *_given: pytest.fail("it was unpacked"))
    with pytest.raises(BadFile):
        check(given("book.xlsx", bomb()))


def test_the_limit_ends_the_reading(settings):
    settings.HELP_ATTACHMENT_BYTES = 1_000
    read = []

    def chunks():
        for number in range(1_000):
            read.append(number)
            yield b"x" * 300

    with pytest.raises(BadFile, match=r"larger than 0\.001 MB"):
        check(attachments.Given("note.txt", chunks()))
    assert len(read) == 4
    check(given("note.txt", b"x" * 1_000))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\amy\\letter.PDF", "letter.pdf"),
        ("letter.html.pdf", "letter_html.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp_exe.pdf"),
        ("con.pdf", "file_con.pdf"),
        (".pdf", "file.pdf"),
        ('a"b<c>|d?.pdf', "a_b_c_d.pdf"),
        ("José Peña (1).pdf", "José Peña (1).pdf"),
        ("學生.pdf", "學生.pdf"),
        ("\r\nSet-Cookie: x.pdf", "Set-Cookie_ x.pdf"),
        ("x" * 500 + ".pdf", "x" * LONGEST_NAME + ".pdf"),
    ],
)
def test_names_are_made_safe(sent, kept):
    assert tidy_name(sent, FileKind.PDF) == kept


@examples(st.text(max_size=200))
def test_whatever_a_name_is_it_has_one_extension_and_no_folder(name):
    kept = tidy_name(name, FileKind.CSV)
    assert kept.endswith(".csv")
    assert kept.count(".") == 1
    assert len(kept) <= LONGEST_NAME + len("file_.csv")
    assert not set(kept) & set('/\\:*?"<>|\r\n\0')


@examples(st.sampled_from([*FileKind, "exe", "svg", ""]), st.binary(max_size=400), st.binary(max_size=8))
def test_whatever_is_sent_is_taken_or_refused(extension, content, start):
    """Bytes of any kind, also behind the right beginning: a refusal with a sentence, never an error."""
    for body in (content, start + content, PDF + content, PNG + content, JPEG + content, b"PK\x03\x04" + content):
        try:
            checked = check(given(f"x.{extension}", body))
        except BadFile as refusal:
            assert str(refusal)  # noqa: PT017 - both outcomes are right, and each has its own promise
        else:
            assert fits(checked.kind, body)


@examples(st.integers(0, 4_000), st.integers(0, 255))
def test_a_damaged_workbook_is_taken_or_refused(place, value):
    damaged = bytearray(workbook())
    damaged[place % len(damaged)] = value
    try:
        check(given("book.xlsx", bytes(damaged)))
    except BadFile as refusal:
        assert "book.xlsx" in str(refusal)  # noqa: PT017 - a byte that does not matter may be any


# --- Kept, opened, removed ------------------------------------------------------------------------


@pytest.fixture
def number(actor):
    """Return a request of Amy's with a letter."""
    return ask(actor("amy"), files=[given("letter of Lopez.pdf", PDF)])


@pytest.mark.django_db
def test_a_file_is_private_on_disk(number, settings):
    (path,) = (settings.MEDIA_ROOT / "help").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.name == HelpFile.objects.get().path
    assert "Lopez" not in path.name
    assert path.read_bytes() == PDF


@pytest.mark.django_db
def test_it_opens_for_whoever_asked_and_for_staff_on_the_record(actor, number):
    file_id = HelpFile.objects.get().pk
    with open_own_file(actor("amy"), number=number, file_id=file_id, at=AT).file as mine:
        assert mine.read() == PDF
    opened = open_file(actor("pat"), number=number, file_id=file_id, at=AT)
    opened.file.close()
    assert (opened.name, opened.media_type) == ("letter of Lopez.pdf", "application/pdf")
    events = events_of(verb=Verb.HELP_FILE_OPENED)
    assert [event.facts.actor for event in events] == ["Pat <pat@juniper.example>", "Amy <amy@juniper.example>"]
    assert "Lopez" not in str(events)


@pytest.mark.django_db
def test_it_opens_for_nobody_else(world, number):
    file_id = HelpFile.objects.get().pk
    for name in ("bea", "dan", "max", "sam", "nora", "pat"):
        with pytest.raises(UnknownFile):
            open_own_file(world.actor(name), number=number, file_id=file_id, at=AT)
    for name in ("amy", "max", "nora"):
        with pytest.raises(NotAllowed):
            open_file(world.actor(name), number=number, file_id=file_id, at=AT)
    with pytest.raises(NotAllowed):
        open_file(world.actor("pat", second_factor=False), number=number, file_id=file_id, at=AT)
    with pytest.raises(NotAllowed, match="second factor"):
        open_own_file(world.actor("amy", second_factor=False), number=number, file_id=file_id, at=AT)
    other = ask(world.actor("amy"), once="other")
    for wrong in ({"number": other, "file_id": file_id}, {"number": number, "file_id": 2**70}):
        with pytest.raises(UnknownFile):
            open_own_file(world.actor("amy"), at=AT, **wrong)
    assert not events_of(verb=Verb.HELP_FILE_OPENED)


@pytest.mark.django_db
def test_a_bad_file_among_good_ones_stops_all(actor):
    with pytest.raises(BadFile, match=r"drawing\.svg"):
        ask(actor("amy"), files=[given("letter.pdf", PDF), given("drawing.svg", b"<svg/>")])
    with pytest.raises(BadFile, match="up to 3"):
        ask(actor("amy"), files=[given("letter.pdf", PDF)] * 4)
    assert not HelpRequest.objects.exists()


@pytest.mark.django_db
def test_files_go_ninety_days_after_the_answer_or_the_closing(actor, number, settings):
    last = AT + NINETY
    assert expire_attachments(OPERATOR, at=last + NINETY) == 0, "an open request keeps its files"
    answered(actor("pat"), number)
    settle(actor("pat"), number=number, at=AT + dt.timedelta(days=1))
    late = last + dt.timedelta(days=1)
    assert expire_attachments(OPERATOR, at=late - dt.timedelta(seconds=1)) == 0
    assert expire_attachments(OPERATOR, at=late) == 1
    assert expire_attachments(OPERATOR, at=late) == 0
    row = HelpFile.objects.get()
    assert (row.path, row.name, row.removed_at) == ("", "", late)
    assert not list((settings.MEDIA_ROOT / "help").iterdir())
    with pytest.raises(UnknownFile):
        open_own_file(actor("amy"), number=number, file_id=row.pk, at=late)


@pytest.mark.django_db
def test_answered_and_left_alone_they_go_too(actor, number):
    answered(actor("pat"), number)
    assert expire_attachments(OPERATOR, at=AT + NINETY) == 1


@pytest.mark.django_db
def test_a_reply_keeps_them(actor, number):
    answered(actor("pat"), number)
    asking.reply(actor("amy"), number=number, text="One more thing.", at=AT)
    assert expire_attachments(OPERATOR, at=AT + NINETY + NINETY) == 0


@pytest.mark.django_db
def test_a_task_comes_for_them_by_itself(actor, number):
    from django_tasks_db.models import DBTaskResult

    asking.close(actor("amy"), number=number, at=AT)
    (task,) = [task for task in DBTaskResult.objects.all() if task.task_path.endswith("remove_expired_files")]
    assert task.run_after == AT + NINETY


@pytest.mark.django_db
def test_only_the_operator_removes(actor):
    for name in ("amy", "max", "pat"):
        with pytest.raises(NotAllowed):
            expire_attachments(actor(name), at=AT)


@pytest.mark.django_db
def test_a_file_that_is_lost_is_not_there(actor, number, settings):
    next((settings.MEDIA_ROOT / "help").iterdir()).unlink()
    with pytest.raises(UnknownFile):
        open_own_file(actor("amy"), number=number, file_id=HelpFile.objects.get().pk, at=AT)
