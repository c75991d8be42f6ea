"""``scoreport incident``: whom did it touch, compared with what a person would count by hand."""

import csv
import datetime as dt
import json
import random
from typing import Any

import pytest
from django.db import transaction

from scoreport.accounts.actions import rename
from scoreport.accounts.models import User
from scoreport.audit.actions import record
from scoreport.audit.models import Event
from scoreport.audit.rules import Verb
from scoreport.reports.actions import export_roster, open_roster, open_student
from scoreport.reports.rules import Format, Result, RosterQuery
from scoreport.scores.actions import see_rows
from scoreport.scores.files import ListKind
from scoreport.scores.models import ClepResult
from tests.reports import rosters
from tests.scores.files import load, row
from tests.world import AT

pytestmark = pytest.mark.django_db

DAY = ("--from", "2026-11-21T00:00-05:00", "--to", "2026-11-22T00:00-05:00")
READERS = {"amy": "ALDER-HIGH", "dan": "D-ALDER", "bea": "BIRCH-HIGH", "sam": "ST"}


def students(rows) -> dict[int | None, set[int]]:
    """Return the students of some tests by school."""
    found: dict[int | None, set[int]] = {}
    for student, school in rows.values_list("student_id", "school_id"):
        found.setdefault(school, set()).add(student)
    return found


@pytest.fixture
def a_day(world):
    """Let people look and take out at random over a day, and return whom it touched, by school."""
    rosters.store(80)
    luck = random.Random(7)
    touched: dict[int | None, set[int]] = {}
    current = ClepResult.objects.filter(is_current=True)
    under = {code: world.organization(code).id for code in READERS.values()}
    for minutes in range(0, 200, 5):
        name, code = luck.choice(sorted(READERS.items()))
        at, year = AT + dt.timedelta(minutes=minutes), luck.choice(rosters.YEARS)
        place = current.filter(**{{"D-ALDER": "district_id", "ST": "state_id"}.get(code, "school_id"): under[code]})
        match luck.randrange(3):
            case 0:
                number = luck.choice(list(place.order_by("id").values_list("student_id", flat=True)))
                open_student(world.actor(name), student_id=number, program="clep", at=at)
                seen = place.filter(student_id=number)
            case 1:
                query = RosterQuery("clep", years=(year,), exams=("18",), search="o", page=luck.choice((1, 2)))
                open_roster(world.actor(name), organization=world.organization(code), query=query, at=at)
                seen = place.filter(year=year, exam_code="18")
            case _:
                query = RosterQuery("clep", years=(year,), result=Result.RELEASED)
                export_roster(
                    world.actor(name, at=at), organization=world.organization(code), query=query,
                    file_format=Format.CSV, at=at,
                )  # fmt: skip
                seen = place.filter(year=year, released_at__lte=at)
        for school, numbers in students(seen).items():
            touched.setdefault(school, set()).update(numbers)
    return touched


def test_a_day_is_counted_as_by_hand(world, a_day, scoreport):
    said = scoreport("incident", *DAY, "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    codes = {world.organization(code).id: code for code in ("ALDER-HIGH", "ALDER-EARLY", "BIRCH-HIGH")}
    assert {place["organization"]: place["students"] for place in told["organizations"]} == {
        codes.get(school): len(numbers) for school, numbers in a_day.items()
    }
    assert told["students"] == len(set().union(*a_day.values()))
    looks = Event.objects.filter(verb__in=[Verb.STUDENT_VIEWED, Verb.ROSTER_VIEWED, Verb.ROSTER_EXPORTED])
    assert told["events"] == looks.count()
    assert len(told["taken_out"]) == looks.filter(verb=Verb.ROSTER_EXPORTED).count()
    assert "Touched: " in said.err
    asked = Event.objects.get(verb=Verb.INCIDENT_REPORTED)
    assert (asked.actor_kind, asked.detail["students"]) == ("command", told["students"])


def test_an_actor_an_organization_and_an_hour_narrow_it(world, a_day, scoreport):
    def told(*narrowed):
        return json.loads(scoreport("incident", *(narrowed or DAY), "--json").out)

    of_bea = told(*DAY, "--actor", "bea@")
    assert set(of_bea["actors"]) == {"Bea <bea@juniper.example>"}
    assert {place["organization"] for place in of_bea["organizations"]} == {"BIRCH-HIGH"}
    district = told(*DAY, "--organization", "D-ALDER")
    assert {place["organization"] for place in district["organizations"]} <= {"ALDER-HIGH", "ALDER-EARLY"}
    everything = {place["organization"]: place["students"] for place in told(*DAY)["organizations"]}
    assert all(place["students"] == everything[place["organization"]] for place in district["organizations"])
    nothing = told("--from", "2026-11-20T00:00Z", "--to", "2026-11-21T00:00Z")
    assert (nothing["students"], nothing["events"], nothing["organizations"]) == (0, 0, [])


def test_no_new_name_takes_anybody_out_of_an_incident(world, scoreport):
    """Somebody looks, asks for a file, is called otherwise from then on, and fetches the file."""
    load(row("A"))
    high = world.organization("ALDER-HIGH")
    open_student(world.actor("amy"), student_id=ClepResult.objects.get().student_id, program="clep", at=AT)
    export_roster(
        world.actor("amy"), organization=high, query=RosterQuery("clep", years=(2025,)), file_format=Format.CSV, at=AT
    )

    def told(actor: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(scoreport("incident", *DAY, "--actor", actor, "--json").out)
        return answer

    before = told("amy@")
    rename(world.actor("amy"), name="Dan", at=AT)
    User.objects.filter(pk=world.people["amy"].id).update(email="d@n.example")
    assert told("amy@") == {**before, "actor": "amy@"} != told("nobody@")
    with transaction.atomic():
        record(
            world.actor("amy"), verb=Verb.DOWNLOAD_OPENED, at=AT, organization="ALDER-HIGH",
            subject_kind="roster-export", subject=before["taken_out"][0]["name"],
        )  # fmt: skip
    after = told("amy@")
    assert after["events"] == before["events"] + 1
    assert set(after["actors"]) == {"Amy <amy@juniper.example>", "Dan <d@n.example>"}
    assert told("d@n.example")["events"] == after["events"]


def test_rows_of_score_files_count(world, scoreport):
    load(row("A", score="40"), row("B", ai_code="470101", first_name="Bo", score="40"))
    file = load(row("A"), row("B", ai_code="470101", first_name="Bo"), by=world.actor("pat"))
    see_rows(world.actor("pat"), file_id=file.pk, kind=ListKind.CHANGED, at=AT)
    told = json.loads(scoreport("incident", *DAY, "--json").out)
    assert told["score_files"] == [file.pk]
    assert {place["organization"]: place["score-file"] for place in told["organizations"]} == {
        "ALDER-HIGH": 1, "BIRCH-HIGH": 1,
    }  # fmt: skip


def test_notices_name_whom_to_tell_and_nobody_else_can_read_them(world, scoreport, tmp_path):
    load(row("A", last_name="Canary-of-Alder"), row("B", ai_code="470101", last_name="Canary-of-Birch"))
    query = RosterQuery("clep", years=(2025,))
    open_roster(world.actor("sam"), organization=world.organization("ST"), query=query, at=AT)
    folder = tmp_path / "notices"
    said = scoreport("incident", *DAY, "--notices", folder)
    assert said.code == 0, said.err
    assert sorted(path.name for path in folder.iterdir()) == [
        "ALDER-HIGH.csv", "ALDER-HIGH.txt", "BIRCH-HIGH.csv", "BIRCH-HIGH.txt",
    ]  # fmt: skip
    letter = (folder / "ALDER-HIGH.txt").read_text()
    assert "Students of yours: 1." in letter
    assert "Sam <sam@juniper.example>" in letter
    assert "[" in letter
    with (folder / "ALDER-HIGH.csv").open() as file:
        (line,) = csv.DictReader(file)
    assert (line["last_name"], line["how"]) == ("Canary-of-Alder", "roster")
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert [name for name, text in texts.items() if "Canary-of-Birch" in text] == ["BIRCH-HIGH.csv"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    again = scoreport("incident", *DAY, "--notices", folder)
    assert (again.code, "Name a new folder" in again.err) == (1, True)


def test_what_cannot_be_asked_is_said(world, scoreport):
    backwards = scoreport("incident", "--from", "2026-11-22T00:00Z", "--to", "2026-11-21T00:00Z")
    assert (backwards.code, "must be later" in backwards.err) == (1, True)
    nowhere = scoreport("incident", *DAY, "--organization", "NOWHERE")
    assert (nowhere.code, "no organization" in nowhere.err) == (1, True)
    vague = scoreport("incident", "--from", "yesterday", "--to", "2026-11-21T00:00Z")
    assert (vague.code, "yesterday" in vague.err) == (1, True)
