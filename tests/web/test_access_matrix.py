"""Who gets which answer from every route: a golden table that a person can read, and canaries as a second oracle.

Each cell is asked for in a transaction that is taken back, so that no cell depends on another. Every cell is asked for
on SQLite; on a second database those that a query decides (:func:`decided_by_queries`).
"""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse

from scoreport.access import Role
from scoreport.accounts.models import User
from scoreport.downloads import files
from scoreport.downloads.actions import begin
from scoreport.organizations.actions import revoke_role
from scoreport.organizations.models import Membership
from scoreport.people.models import MatchCase
from scoreport.reports.actions import save_view
from scoreport.reports.rules import RosterQuery
from scoreport.scores.models import ClepResult
from scoreport.web.middleware import AT_KEY
from tests.conftest import GOLDEN, give_second_factor
from tests.downloads.prepared import stored
from tests.scores.files import check, load, public_id, row, text
from tests.web.matrix import Args, areas
from tests.web.test_rules import ALL, routes
from tests.world import AT, OPERATOR

TABLE = GOLDEN / "http_access_matrix.csv"
OURS, THEIRS = "Canary-of-Alder", "Canary-of-Birch"
YEAR = (2025,)
# Whoever may see a student of Alder, and of Birch.
MAY_READ = {OURS: {"amy", "dan", "sam"}, THEIRS: {"bea", "sam"}}
# Program staff see students where there is something to decide, and no rows of files that they do not handle.
DECIDED_BY_STAFF = {"matching", "desk_claim"}

PEOPLE = ("amy", "bea", "bo", "cara", "dan", "dee", "fay", "max", "nora", "pat", "sam", "sue")
# A name alone means with a second factor; what stands behind it is what is different.
AMY, MAX = ("amy", "ALDER-HIGH", Role.DETAILED_REPORTS), ("max", "ALDER-HIGH", Role.ACCESS_MANAGER)
ACTORS = (
    "anonymous",
    *PEOPLE,
    *(f"{name} one factor" for name in ("amy", "cara", "max", "pat", "sue")),
    *(f"{name} {state}" for name in ("amy", "max") for state in ("revoked", "expired", "suspended")),
)


@dataclass(frozen=True)
class Ask:
    """One row of the matrix."""

    name: str
    whose: str
    args: tuple[object, ...]
    method: str

    @property
    def path(self) -> str:
        return reverse(self.name, args=self.args)

    @property
    def cells(self) -> tuple[str, str, str]:
        return self.name, self.whose, self.method


def asks(facts) -> dict[str, Args]:
    """Return what each route can be asked for: by whose it is."""
    report: Args = {
        "Alder": ("clep", "470001", YEAR),
        "Birch": ("clep", "470101", YEAR),
        "nobody": ("clep", "999999", YEAR),
    }
    place: Args = {whose: args[:2] for whose, args in report.items()}
    return {
        "report_now": place,
        "report": {
            **report,
            "all years": ("clep", "470001", ()),
            "district": ("clep", "D-ALDER", YEAR),
            "state": ("clep", "ST", YEAR),
        },
        "report_export": report,
        "report_export_approval": report,
        "report_print": report,
        "report_student": {
            "Alder": (*report["Alder"], facts["Alder"]),
            "Birch": (*report["Alder"], facts["Birch"]),
            "Birch in Birch": (*report["Birch"], facts["Birch"]),
            "Alder number": (*report["Alder"], facts["Alder number"]),
            "Birch number": (*report["Alder"], facts["Birch number"]),
            "nobody": (*report["Alder"], "999999"),
        },
        "report_view_save": report,
        "report_views": place,
        "report_view": {"amy": (facts["slug"],), "nobody": ("no-such-view",)},
        "account_reset_password_from_key": {"nobody": ("1", "no-such-key")},
    } | {name: args for names, args in shared(facts, place) for name in names}


def shared(facts, place: Args) -> list[tuple[tuple[str, ...], Args]]:
    """Return what several routes are asked for alike."""
    return [
        (VIEWS, {whose: (*args, facts["view"]) for whose, args in place.items()}),
        (DOWNLOADS, {"amy": (facts["secret"],), "nobody": ("no-such-file",)}),
        (FILES, {"": (facts["file"],), "checked": (facts["checked"],), "nobody": (999_999,)}),
        (LISTS, {"new": (facts["file"], "new"), "no list": (facts["file"], "none"), "nobody": (999_999, "new")}),
        (QUESTIONS, {"": (facts["case"],), "nobody": (999_999,)}),
        (PASSKEYS, {"nobody": (999_999,)}),
    ]


VIEWS = ("report_view_rename", "report_view_delete")
FILES = (
    "desk_file",
    "desk_accept",
    "desk_check",
    "desk_discard",
    "desk_reasons",
    "desk_repair",
    "desk_undo_file",
    "desk_take_over",
)
LISTS = ("desk_rows", "desk_rows_whole")
QUESTIONS = ("matching_undo",)
PASSKEYS = ("mfa_edit_webauthn", "mfa_remove_webauthn")
DOWNLOADS = ("download", "download_content", "download_again")
# Answers that a view's rule gives before the view asks the database anything.
AT_THE_DOOR = {"302 second factor", "302 sign in", "403", "405"}
SENT = {"format": "csv", "name": "Another name", "answer": "same"}


def all_asks(facts) -> Iterator[Ask]:
    """Yield every route with everything that it can be asked for; GET, and POST where the page is ours."""
    known = asks(facts) | {name: args for area in areas() for name, args in area.asks(facts).items()}
    for path, name, _view in sorted(routes(get_resolver("scoreport.urls")), key=lambda route: route[0]):
        assert name in known or "<" not in path, f"say what {name} may be asked for"
        for whose, args in known.get(name, {"": ()}).items():
            yield Ask(name, whose, args, "GET")
            if not path.startswith("account/"):
                yield Ask(name, whose, args, "POST")


@pytest.fixture
def facts(world):
    """Store one of everything, and say under which numbers."""
    common = {"date_registered": "2026-01-05"}
    file = load(
        row("A1", last_name=OURS, **common),
        row("A2", last_name=OURS, ai_code="000905", **common),
        row("B1", last_name=THEIRS, ai_code="470101", date_of_birth="2009-01-02", **common),
    )
    checked = check(text(row("A3", last_name=OURS)))
    amy = world.actor("amy")
    view = save_view(
        amy, organization=world.organization("ALDER-HIGH"), name="Mine", query=RosterQuery("clep", years=YEAR), at=AT
    )
    download = begin(
        amy, kind="clep-roster", name="roster.csv", media_type="text/csv", organization="ALDER-HIGH", at=AT
    )
    files.finish(download.id, file=stored(f"{OURS}\n".encode()), at=AT)
    return {
        "file": file.pk,
        "checked": checked.pk,
        "case": MatchCase.objects.get().pk,
        "Alder": public_id("A1"),
        "Birch": public_id("B1"),
        "Alder number": str(ClepResult.objects.get(ticket="A1").student_id),
        "Birch number": str(ClepResult.objects.get(ticket="B1").student_id),
        "view": view.id,
        "slug": view.slug,
        "secret": download.secret,
    } | {name: fact for area in areas() for name, fact in area.facts(world).items()}


@pytest.fixture
def browsers(world, facts):
    """Return a signed-in browser for each actor. What was revoked and suspended was so after signing in."""
    made: dict[str, Any] = {actor: Client() for actor in ACTORS}
    for actor, browser in made.items():
        browser.defaults.update({AT_KEY: AT})
        name, _, state = actor.partition(" ")
        if name == "anonymous":
            continue
        browser.force_login(get_user_model().objects.get(pk=world.people[name].id))
        if state != "one factor":
            give_second_factor(browser, world.people[name].id)
    return made


class Writes:
    """Notes whether anything was written: SQLite reads all tables' names again after a rollback, which takes longer."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute, sql, params, many, context):
        self.seen |= not sql.startswith(("SELECT ", "SAVEPOINT ", "RELEASE "))
        return execute(sql, params, many, context)


def answer(browser: Client, ask: Ask) -> tuple[str, bytes]:
    """Return the status and the content; where an answer sends elsewhere, its kind of place instead of the content."""
    writes = Writes()
    with transaction.atomic():
        with connection.execute_wrapper(writes):
            found = browser.get(ask.path) if ask.method == "GET" else browser.post(ask.path, SENT)
            content = found.getvalue()
        if writes.seen:
            transaction.set_rollback(True)
    where = getattr(found, "url", "")
    for kind, start in (("sign in", "/account/login/"), ("second factor", reverse("mfa_index"))):
        if where.startswith(start):
            return f"{found.status_code} {kind}", content
    return str(found.status_code), content


def state_of(actor: str) -> None:
    """Bring the world into the state that an actor's name tells, in a transaction that is taken back."""
    name, _, state = actor.partition(" ")
    email = f"{name}@juniper.example"
    if state == "revoked":
        _name, organization, role = next(held for held in (AMY, MAX) if held[0] == name)
        revoke_role(OPERATOR, email=email, organization=organization, role=role, at=AT)
    if state == "expired":
        Membership.objects.filter(user__email=email).update(ends_on=AT.date() - timedelta(days=1))
    if state == "suspended":
        User.objects.filter(email=email).update(is_active=False)


def answers_to(actor: str, browser: Client, wanted: list[Ask]) -> dict[Ask, tuple[str, bytes]]:
    """Ask for everything as one actor."""
    with transaction.atomic():
        state_of(actor)
        # The first page notes the session. Kept, it need not be noted again for every cell.
        browser.get("/")
        answers = {ask: answer(browser, ask) for ask in wanted}
        transaction.set_rollback(True)
    return answers


def leaks(actor: str, answers: dict[Ask, tuple[str, bytes]]) -> list[str]:
    """Return where an actor reads of a student whom they may not see."""
    return [
        f"{actor}: {ask.method} {ask.name} {ask.whose} shows {canary}"
        for ask, (_status, content) in answers.items()
        for canary, readers in MAY_READ.items()
        if canary.encode() in content and actor not in readers and not (actor == "pat" and ask.name in DECIDED_BY_STAFF)
    ]


def told_apart(answers: dict[Ask, tuple[str, bytes]]) -> list[Ask]:
    """Return what is answered with 404 because it is not theirs, and otherwise than what does not exist."""
    nothing = {(ask.name, ask.method): answers[ask] for ask in answers if ask.whose == "nobody"}
    hidden = [ask for ask, (status, _content) in answers.items() if ask.whose and status == "404"]
    return [ask for ask in hidden if answers[ask] != nothing[ask.name, ask.method]]


@pytest.mark.golden
@pytest.mark.slow
@pytest.mark.parametrize("actors", list(batched(ACTORS, 4, strict=True)), ids=", ".join)
def test_every_route_answers_everyone_as_agreed(browsers, facts, actors):
    """Each cell is the agreed one, shows no foreign student, and hides what is not theirs as if it did not exist."""
    wanted = list(all_asks(facts))
    columns = {}
    for actor in actors:
        asked = wanted if connection.vendor == "sqlite" else decided_by_queries(actor, wanted)
        answers = answers_to(actor, browsers[actor], asked)
        assert leaks(actor, answers) == []
        assert told_apart(answers) == []
        columns[actor] = {ask: status for ask, (status, _content) in answers.items()}
    compare(wanted, columns)


def decided_by_queries(actor: str, wanted: list[Ask]) -> list[Ask]:
    """Leave out what is refused before its view asks the database, but for one cell of each rule, method and answer."""
    _head, agreed = agreed_table()
    rules = {name: declared for _path, name, declared in ALL}
    status = {ask: agreed[ask.cells][actor] for ask in wanted}
    passed = {rules[ask.name] for ask in wanted if status[ask] not in AT_THE_DOOR}
    kept: dict[object, Ask] = {}
    for ask in wanted:
        is_alike = status[ask] in AT_THE_DOOR and not (status[ask] == "403" and rules[ask.name] in passed)
        kept.setdefault((rules[ask.name], ask.method, status[ask]) if is_alike else ask, ask)
    return list(kept.values())


def agreed_table() -> tuple[list[str], dict[tuple[str, ...], dict[str, str]]]:
    """Return the first line of the golden table, and by route, whose and method what each actor gets."""
    head, *rows = csv.reader(io.StringIO(TABLE.read_text(encoding="utf-8")))
    return head, {tuple(row[:3]): dict(zip(head[3:], row[3:], strict=True)) for row in rows}


def compare(wanted: list[Ask], columns: dict[str, dict[Ask, str]]) -> None:
    """Compare some actors' columns with the golden table; ``make golden`` writes them into it instead."""
    head, agreed = agreed_table()
    now = {ask.cells: {actor: column[ask] for actor, column in columns.items() if ask in column} for ask in wanted}
    if os.environ.get("UPDATE_GOLDEN") == "1":
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["route", "whose", "method", *ACTORS])
        for cells, found in now.items():
            merged = agreed.get(cells, {}) | found
            writer.writerow([*cells, *(merged.get(actor, "") for actor in ACTORS)])
        TABLE.write_text(table.getvalue(), encoding="utf-8")
        return
    assert head == ["route", "whose", "method", *ACTORS]
    assert list(now) == list(agreed), "the table has other rows; run `make golden` and read the diff"
    differ = {cells: found for cells, found in now.items() if found != {a: agreed[cells][a] for a in found}}
    assert differ == {}, "the table says otherwise; run `make golden` and read the diff"


def test_what_exists_and_what_does_not_would_be_told_apart(browsers, facts):
    """A negative control: somewhere a person is answered with a 404, and another text in it is noticed."""
    reports = [ask for ask in all_asks(facts) if ask.name.startswith("report")]
    answers = answers_to("amy", browsers["amy"], reports)
    hidden = next(ask for ask in answers if ask.whose not in {"", "nobody"} and answers[ask][0] == "404")
    answers[hidden] = ("404", b"This is not yours.")
    assert told_apart(answers) == [hidden]


def test_the_canaries_sing_for_those_who_may_hear_them(browsers, facts):
    """The leaks above would be found: the same look finds the canaries where they belong."""
    for canary, name, address in ((OURS, "amy", "470001"), (THEIRS, "bea", "470101"), (THEIRS, "sam", "ST")):
        _status, content = answer(browsers[name], Ask("report", "", ("clep", address, YEAR), "GET"))
        assert canary.encode() in content
