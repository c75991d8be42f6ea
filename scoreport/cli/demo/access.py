"""How people of the story come to their roles and lose them: codes, terms, requests, ends, the yearly review."""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Final

from scoreport.access import Permission, Role
from scoreport.approvals.actions import approve
from scoreport.cli.demo.people import BY_KEY, OTHERS, PEOPLE
from scoreport.cli.demo.places import ALDER, BIRCH, ELM, FIR, HAWTHORN, LAKEWOOD
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.organizations.actions import grant_role
from scoreport.organizations.actions.answers import decline_request, grant_request
from scoreport.organizations.actions.changes import assign_roles, revoke_held_role
from scoreport.organizations.actions.code_approvals import ask_to_print, ask_to_print_many, ask_to_send
from scoreport.organizations.actions.codes import issue, issue_many
from scoreport.organizations.actions.memberships import note_use
from scoreport.organizations.actions.redeeming import redeem
from scoreport.organizations.actions.requests import ask_code, ask_role, decline_code, send_code
from scoreport.organizations.actions.reviews import decide, finish_review
from scoreport.organizations.actions.terms import accept
from scoreport.organizations.actions.upkeep import run_upkeep
from scoreport.organizations.queries import find
from scoreport.organizations.queries.reviews import open_review, reviewed_roles
from scoreport.organizations.rules.terms import VERSION

_DAY: Final = dt.timedelta(days=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_SPRING: Final = (5, 1)
_REVIEWED: Final = ((LAKEWOOD, "access-manager"), (BIRCH, "second-manager"))
"""Where the review of the spring was finished, and by whom; a review at Alder, if there is one, stays open."""


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield what happens with access, in no order."""
    yield from _codes(stage)
    yield from _roles(stage)
    yield from _code_requests(stage)
    yield from _role_requests(stage)
    yield from _review(stage)
    yield Scene(stage.ago(1, 20), partial(_use, stage))
    for moment in (stage.ago(29), stage.at - 2 * _MINUTE):
        yield Scene(moment, lambda at: run_upkeep(stage.operator, at=at))


def _codes(stage: Stage) -> Iterator[Scene]:
    """Codes on paper for a whole district, approved by a colleague: one is used, one is lost and replaced."""
    codes: dict[str, str] = {}

    def issue_all(at: dt.datetime) -> None:
        staff, why = stage.actor("program-staff", at), "The district hands the letters out at its meeting."
        asked = ask_to_print_many(staff, under=LAKEWOOD, only_without_manager=True, reason=why, at=at)
        approve(stage.actor("second-staff", at), approval_id=asked.id, at=at)
        issued = issue_many(staff, under=LAKEWOOD, only_without_manager=True, at=at)
        codes.update((one.organization.code, one.code) for one in issued)

    def use(at: dt.datetime) -> None:
        manager = stage.actor("school-manager", at)
        done = redeem(manager, organization=ALDER, code=codes[ALDER], terms=VERSION, at=at)
        if done.request_id is not None:
            confirmer = stage.actor("access-manager", at)
            grant_request(confirmer, request_id=done.request_id, role=Role.ACCESS_MANAGER, at=at)

    def replace_lost(at: dt.datetime) -> None:
        staff = stage.actor("program-staff", at)
        asked = ask_to_print(staff, organization=ELM, reason="The letter was lost in the mail.", at=at)
        approve(stage.actor("second-staff", at), approval_id=asked.id, at=at)
        issue(staff, organization=ELM, replace=True, at=at)

    def ask_colleague(at: dt.datetime) -> None:
        why = "Their mailbox refuses our email, and they asked for a letter."
        ask_to_print(stage.actor("second-staff", at), organization=FIR, reason=why, at=at)

    yield Scene(stage.ago(60), issue_all)
    yield Scene(stage.ago(53, 15), use)
    yield Scene(stage.ago(45), replace_lost)
    yield Scene(stage.ago(1, 17), ask_colleague)


def _roles(stage: Stage) -> Iterator[Scene]:
    """Roles that nobody uses, that end soon, that have ended, that were taken away; and the terms."""
    given: dict[str, int] = {}

    def grant(key: str, role: Role, days: int, ends_in: int | None = None) -> Scene:
        ends_on = None if ends_in is None else stage.today + ends_in * _DAY

        def play(at: dt.datetime) -> None:
            email = BY_KEY[key].email
            info = grant_role(stage.operator, email=email, organization=ALDER, role=role, ends_on=ends_on, at=at)
            given[key] = info.id

        return Scene(stage.ago(days), play)

    def take(at: dt.datetime) -> None:
        revoke_held_role(stage.actor("school-manager", at), membership_id=given["revoked"], at=at)

    def take_one_oneself(at: dt.datetime) -> None:
        email = BY_KEY["second-manager"].email
        roles = [Role.DETAILED_REPORTS]
        assign_roles(stage.actor("second-manager", at), email=email, organization=BIRCH, roles=roles, at=at)

    yield grant("never-here", Role.DETAILED_REPORTS, 230)
    yield grant("ends-soon", Role.SUMMARY_REPORTS, 200, ends_in=12)
    yield grant("ended", Role.DETAILED_REPORTS, 190, ends_in=-30)
    yield grant("revoked", Role.FILE_DOWNLOADS, 185)
    yield Scene(stage.ago(20), take)
    yield Scene(stage.ago(7), take_one_oneself)
    for key, place in (("access-manager", LAKEWOOD), ("second-manager", BIRCH)):
        yield Scene(stage.ago(59), partial(_accept, stage, key, place))


def _accept(stage: Stage, key: str, place: str, at: dt.datetime) -> None:
    accept(stage.actor(key, at), organization=place, version=VERSION, at=at)


def _code_requests(stage: Stage) -> Iterator[Scene]:
    """Let people ask for codes: one is sent, one declined, two wait, one of them for a school that is not on file."""
    asked: dict[str, int] = {}

    def ask(key: str, days: int, *, title: str, why: str, place: str | None, institution: str = "") -> Scene:
        def play(at: dt.datetime) -> None:
            asked[key] = ask_code(
                stage.actor(key, at), organization=place, institution=institution, title=title, why=why, at=at
            )

        return Scene(stage.ago(days, 14), play)

    def decline(at: dt.datetime) -> None:
        sentence = "Your district manages access for your school this year. Please ask Anne Bishop there."
        decline_code(stage.actor("program-staff", at), request_id=asked["declined"], sentence=sentence, at=at)

    def send(at: dt.datetime) -> None:
        staff, number = stage.actor("program-staff", at), asked["new-principal"]
        wanted = ask_to_send(staff, request_id=number, reason="I called the school's front office.", at=at)
        approve(stage.actor("second-staff", at), approval_id=wanted.id, at=at)
        send_code(staff, request_id=number, at=at)

    yield ask("declined", 40, title="Counselor", why="I would like to give my colleagues access.", place=ELM)
    yield Scene(stage.ago(39), decline)
    why = "I follow Mr. Reed, who retired in June; his code was never used."
    yield ask("new-principal", 2, title="Principal", why=why, place=HAWTHORN)
    yield Scene(stage.ago(1, 15), send)
    yield ask("asks-for-code", 1, title="Assistant principal", why="Nobody here can open the reports.", place=FIR)
    why = "Our school opened in August and is not on your list yet."
    institution = "Maple Lane Academy"
    yield ask("not-on-file", 1, title="Head of school", why=why, place=None, institution=institution)


def _role_requests(stage: Stage) -> Iterator[Scene]:
    """Let a newcomer ask for roles: one is declined, one waits."""
    asked: dict[Role, int] = {}

    def ask(wanted: Role, days: int, why: str) -> Scene:
        def play(at: dt.datetime) -> None:
            person = stage.actor("newcomer", at)
            asked[wanted] = ask_role(person, organization=ALDER, role=wanted, title="Counselor", why=why, at=at)

        return Scene(stage.ago(days, 14), play)

    def decline(at: dt.datetime) -> None:
        sentence = "Our registrar takes the files. Ask for Detailed Reports if you advise students."
        number = asked[Role.FILE_DOWNLOADS]
        decline_request(stage.actor("school-manager", at), request_id=number, sentence=sentence, at=at)

    yield ask(Role.FILE_DOWNLOADS, 12, "I was told that I need the files.")
    yield Scene(stage.ago(11), decline)
    yield ask(Role.DETAILED_REPORTS, 1, "I advise the seniors from this month on.")


def _review(stage: Stage) -> Iterator[Scene]:
    """Let the review of the last spring open everywhere, and be finished where there was time for it."""
    opened = dt.datetime(stage.today.year, *_SPRING, 17, tzinfo=dt.UTC)
    if opened >= stage.ago(1):
        opened = opened.replace(year=opened.year - 1)
    yield Scene(opened, lambda at: run_upkeep(stage.operator, at=at))
    finished = opened + 19 * _DAY
    if finished < stage.ago(1):
        for place, key in _REVIEWED:
            yield Scene(finished, partial(_keep_all, stage, key, place))


def _keep_all(stage: Stage, key: str, place: str, at: dt.datetime) -> None:
    """Keep every role at a place, and finish its review."""
    manager, organization = stage.actor(key, at), find(place)
    review = open_review(manager, organization)
    if review is None:
        return
    decisions = {one.role.id: True for one in reviewed_roles(manager, review, at)}
    decide(manager, organization=place, decisions=decisions, at=at)
    finish_review(manager, organization=place, at=at)


def _use(stage: Stage, at: dt.datetime) -> None:
    """Let everybody have used their roles yesterday, but for the one who never came."""
    for one in (*PEOPLE, *OTHERS):
        actor = stage.actor(one.key, at)
        for role, place in one.held:
            permission = Permission.ACCESS_READ if role is Role.ACCESS_MANAGER else Permission.SCORES_SUMMARY_READ
            note_use(actor, permission=permission, organization=place or "", at=at)
    note_use(stage.actor("ends-soon", at), permission=Permission.SCORES_SUMMARY_READ, organization=ALDER, at=at)
