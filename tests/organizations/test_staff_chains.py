"""No chain of acts leads one member of program staff, with helper accounts, to a school's students.

The search walks them all (tests/organizations/attacking.py). It finds a chain as soon as one of the defenses is off.
"""

import pytest

from scoreport.access import Permission, Role
from scoreport.accounts.actions import create_person
from scoreport.organizations import code_delivery
from scoreport.organizations.actions import grant_role, redeeming, revoke_role
from tests.approvals.second import second_staff
from tests.organizations.attacking import CANARY, DISTRICT, PLACES, SCHOOL, Attack, search
from tests.organizations.entering import with_contact
from tests.scores.files import load, row
from tests.web.test_rules import ALL
from tests.world import AT, OPERATOR

# The search tries acts in every order; what they ask the database, their own tests ask both.
pytestmark = pytest.mark.once

WAYS = ("paper", "paper-bulk", "email", "contact")
MANAGERS = {"nobody": None, "the school": SCHOOL, "the district": DISTRICT}


@pytest.fixture
def attack(world, monkeypatch):
    """Return a function that lays out the world for an attack: who manages access, and which accounts take part."""

    def lay_out(managed: str = "nobody", helpers=("eve", "mal"), *, places=PLACES, stays=False):
        load(row("A1", last_name=CANARY))
        with_contact(SCHOOL)
        second_staff()
        monkeypatch.setattr("tests.organizations.attacking.PLACES", places)
        revoke_role(OPERATOR, email="max@juniper.example", organization=SCHOOL, role=Role.ACCESS_MANAGER, at=AT)
        leaving: dict[str, tuple[str, str | None, Role]] = {}
        leaving["pat"] = ("pat@juniper.example", None, Role.PROGRAM_STAFF)
        if place := MANAGERS[managed]:
            grant_role(OPERATOR, email="max@juniper.example", organization=place, role=Role.ACCESS_MANAGER, at=AT)
            leaving["max"] = ("max@juniper.example", place, Role.ACCESS_MANAGER)
        accounts = {"pat": world.people["pat"].id}
        for name in helpers:
            accounts[name] = create_person(OPERATOR, email=f"{name}@juniper.example", name=name.title(), at=AT).id
        return lambda: Attack(accounts, {} if stays else leaving)

    return lay_out


def unapproved(monkeypatch, *ways):
    """Switch a defense off: these ways of a code, or a change of the contact, need nobody's approval."""
    require = code_delivery.require

    def let_through(actor, kind, parameters, organization, at):
        if parameters.get("how", "contact") not in ways:
            require(actor, kind, parameters, organization, at)

    monkeypatch.setattr(code_delivery, "require", let_through)


@pytest.mark.parametrize("managed", MANAGERS)
def test_no_chain_reaches_a_student(attack, managed):
    result = search(attack(managed))
    assert result.chain is None
    assert result.states > 1
    assert result.moves > 100


@pytest.mark.parametrize(
    ("way", "first"),
    [("paper", "print"), ("paper-bulk", "print many"), ("email", "ask and send"), ("contact", "name contact")],
)
def test_without_an_approval_there_is_a_chain(attack, monkeypatch, way, first):
    unapproved(monkeypatch, way)
    chain = search(attack(places=(SCHOOL,))).chain
    assert chain is not None
    assert {first, "redeem"} <= {move[0] for move in chain}


def test_staff_alone_cannot_use_a_code_that_they_hold_nor_after_their_role_ended(attack, monkeypatch):
    unapproved(monkeypatch, *WAYS)
    alone = attack(helpers=(), places=(SCHOOL,))
    assert search(alone).chain is None
    monkeypatch.setattr(redeeming, "held_staff_role", lambda *_args, **_kwargs: False)
    monkeypatch.setattr(redeeming, "_refuse_issuer", lambda *_args: None)
    chain = search(alone).chain
    assert chain is not None
    assert [move[0] for move in chain][1:] == ["redeem", "take"]


@pytest.mark.parametrize("managed", ["the school", "the district"])
def test_a_code_in_wrong_hands_needs_the_access_manager(attack, monkeypatch, managed):
    """Even with a code in hand: while there is an access manager, it gives nobody a role."""
    unapproved(monkeypatch, "paper")
    held = attack(managed, places=(SCHOOL,), stays=True)
    assert search(held).chain is None
    monkeypatch.setattr(redeeming, "_needs_confirmation", lambda *_args: False)
    assert search(held).chain is not None


# --- No route is left out ----------------------------------------------------------------------------------------

PLAYED = {
    "access_code_contact": "name contact",
    "access_code_issue": "print",
    "access_code_request": "ask and send",
    "access_code_revoke": "",
    "access_codes_many": "print many",
    "approval": "print",
    "desk_support_begin": "look",
    "enter_code": "redeem",
    "invitation": "accept invitations",
    "invitation_account": "accept invitations",
    "redeem_code": "redeem",
    "request_code": "ask and send",
    "request_role": "ask role",
    "withdraw_request": "",
}
"""The routes by which people get in that program staff and people without a role may post to, and the move that plays
each; nothing for a route that only takes something away. Managers' pages (managing/) are played as take, give, invite
and let support look."""
ELSEWHERE = (
    "account/",
    "desk/",
    "files/",
    "health/",
    "help/",
    "language/",
    "managing/",
    "matching/",
    "missing/",
    "reports/",
    "stay/",
)
"""What gives nobody access: one's own account, files and questions that staff handle (decision 2 of the trust page has
tests of its own), help, and pages that need a role already."""


def test_every_route_that_staff_and_helpers_may_post_to_is_played():
    open_to = {Permission.ACCESS_CODE_ISSUE.value, Permission.SUPPORT_BEGIN.value, "signed in", "public"}
    reads_only = {
        "", "access-codes/", "access-codes/at/<str:address>/", "access-codes/issued/", "access-codes/requests/",
        "approvals/", "desk/support/", "organizations/", "students/<student:public_id>/access/",
        "support-access/<number:support_id>/end/", "tools/", "tools/<slug:tool>/",
    }  # fmt: skip
    found = {
        name
        for path, name, declared in ALL
        if declared and declared.name in open_to and path not in reads_only
        if name == "desk_support_begin" or not path.startswith(ELSEWHERE)
    }
    assert found == set(PLAYED)
    acts = {move[0] for move in Attack({"pat": 0, "eve": 0}, {}, codes=dict.fromkeys(PLACES, "")).acts()}
    assert {move for move in PLAYED.values() if move} <= acts
