"""A score file's whole way through the desk, with the samples where they are and with rows of our own."""

import pytest

from scoreport.imports.models import ImportFile
from scoreport.scores.models import ClepResult
from tests.conftest import shared_dir
from tests.scores.files import accept, check, row, store, text
from tests.web.desk.pages import plain, table, upload, whole_list
from tests.world import load as load_organizations

pytestmark = pytest.mark.django_db

# One broken rule a line, as in the bad sample: what is put into which column of an otherwise good row.
BROKEN = {
    2: {"score": "81"},
    3: {"score": "abc"},
    4: {"exam_code": "999"},
    5: {"date_tested": "2026-02-30"},
    6: {"date_registered": "2026-07-09"},
    7: {"registration_ticket_number": ""},
    8: {"date_of_birth": "01/02/2008"},
    9: {"ai_code": "12345"},
    10: {"last_name": ""},
    11: {"registration_ticket_number": "T0110"},
    12: {"registration_ticket_number": "T0110"},
    13: {"score": ""},
    14: {"first_name": '=HYPERLINK("http://x")'},
    15: {"gender": "Q"},
}
REFUSED = [
    ("2", "score", "81"),
    ("3", "score", "abc"),
    ("4", "exam_code", "999"),
    ("5", "date_tested", "2026-02-30"),
    ("6", "date_registered", "2026-07-09"),
    ("7", "registration_ticket_number", ""),
    ("8", "date_of_birth", "01/02/2008"),
    ("9", "ai_code", "12345"),
    ("10", "last_name", ""),
    ("11", "registration_ticket_number", "*"),
    ("12", "registration_ticket_number", "*"),
    ("13", "score", ""),
    ("15", "gender", "Q"),
]


def own() -> dict[str, bytes]:
    """Return our own good, bad and correcting file, made like the samples."""
    rows = [row(f"T{n:04}", first_name=f"Ana {n}", score=str(20 + n % 61)) for n in range(200)]
    bad = [rows[n + 100] | BROKEN.get(n + 2, {}) for n in range(20)]
    corrections = [one | {"score": "80"} for one in rows[:12]]
    return {"good": text(*rows), "bad": text(*bad), "corrections": text(*corrections)}


def samples() -> dict[str, bytes] | None:
    """Return the samples beside the project, or None where there are none."""
    folder = shared_dir()
    if folder is None:
        return None
    clep = folder / "data/clep"
    # One AI code of the samples is a school of the world, which may keep it.
    load_organizations((clep / "organizations.csv").read_text("utf-8").replace(",000905,", ",000906,"))
    names = {"good": "clep_2025_2026", "bad": "clep_bad", "corrections": "clep_2025_corrections"}
    return {name: (clep / f"{file}.csv").read_bytes() for name, file in names.items()}


@pytest.fixture(params=["own", "samples"])
def files(request, world):
    """Return the three files; our own twice where there are no samples."""
    return (samples() if request.param == "samples" else None) or own()


class Desk:
    """Somebody at the desk who does one thing after the other."""

    def __init__(self, client, run_tasks) -> None:
        self.client = client
        self.run_tasks = run_tasks

    def upload(self, content: bytes) -> int:
        number = int(upload(self.client, content).url.split("/")[-2])
        self.run_tasks()
        return number

    def act(self, number: int, act: str) -> None:
        assert self.client.get(f"/desk/files/{number}/{act}/").status_code == 200
        assert self.client.post(f"/desk/files/{number}/{act}/").url == f"/desk/files/{number}/"
        self.run_tasks()

    def counts(self, number: int) -> dict[str, str]:
        return {line[0]: line[1].replace(",", "") for line in table(self.client.get(f"/desk/files/{number}/"))}


@pytest.fixture
def desk(client_for, run_tasks):
    """Return a member of the program staff at the desk."""
    return Desk(client_for("pat"), run_tasks)


def test_a_bad_file_is_refused_with_exactly_its_errors(desk, files):
    desk.act(desk.upload(files["good"]), "accept")
    before = store()
    bad = desk.upload(files["bad"])
    assert desk.counts(bad) == {"New": "0", "Changed": "1", "The same": "6", "Unmatched": "0", "Refused": "13"}
    _header, *lines = whole_list(desk.client, bad, "refused")
    assert [(n, column, "*" if n in {"11", "12"} else value) for n, column, value, _reason in lines] == REFUSED
    assert all(reason.endswith(".") for *_place, reason in lines)
    _header, *changed = whole_list(desk.client, bad, "changed")
    assert {line[0] for line in changed} == {"14"}
    assert [line[3] for line in changed if line[2] == "first_name"] == [
        ClepResult.objects.get(ticket=changed[0][1]).first_name
    ]
    assert "'=HYPERLINK" in changed[0][4]
    assert [line[0] for line in table(desk.client.get(f"/desk/files/{bad}/same/"))] == [str(n) for n in range(16, 22)]
    assert store() == before, "nothing is written before somebody accepts"
    desk.act(bad, "accept")
    assert ClepResult.objects.get(ticket=changed[0][1], is_current=True).first_name == '=HYPERLINK("http://x")'
    desk.act(bad, "undo")
    assert store() == before


def test_the_same_file_again_changes_nothing_and_says_so(desk, files):
    desk.act(desk.upload(files["good"]), "accept")
    before = store()
    again = desk.upload(files["good"])
    assert "Nothing would change" in plain(desk.client.get(f"/desk/files/{again}/"))
    desk.act(again, "accept")
    after = store()
    assert {**after, "assertions": None} == {**before, "assertions": None}
    desk.act(again, "undo")
    assert store() == before


def test_corrections_change_twelve_and_a_file_in_the_middle_goes(desk, files):
    good = desk.upload(files["good"])
    desk.act(good, "accept")
    corrections = desk.upload(files["corrections"])
    assert desk.counts(corrections)["Changed"] == "12"
    desk.act(corrections, "accept")
    assert ClepResult.objects.filter(is_current=False).count() == 12
    desk.act(good, "undo")
    assert ClepResult.objects.count() == 12
    assert all(ClepResult.objects.values_list("is_current", flat=True))
    alone = store()
    desk.act(corrections, "undo")
    assert not ClepResult.objects.exists()
    accept(check(files["corrections"]))
    assert store() == alone


def test_everything_that_was_done_stands_in_the_history(desk, files):
    number = desk.upload(files["corrections"])
    desk.act(number, "accept")
    desk.act(number, "undo")
    said = plain(desk.client.get(f"/desk/files/{number}/"))
    places = [said.index(act) for act in ("Undone", "Accepted", "Checked", "Uploaded")]
    assert places == sorted(places)
    assert said.count("Pat <pat@juniper.example>") == 5
    assert ImportFile.objects.get(pk=number).undone_by == "Pat <pat@juniper.example>"


def test_a_bad_row_would_be_noticed():
    """The negative control: a row that breaks no rule is not in the list of refused ones."""
    assert not {"14", *(str(n) for n in range(16, 22))} & {line for line, _column, _value in REFUSED}
    assert len(BROKEN) == len(REFUSED) + 1
