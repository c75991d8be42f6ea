"""An access code opens Managing Access once, to one person, for one institution; wrong ones have to wait."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from scoreport.access import NotAllowed, Permission, Role, can
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role
from scoreport.organizations.actions.codes import revoke
from scoreport.organizations.actions.redeeming import (
    CodeRefused,
    CodeSpent,
    ManagesAlready,
    WaitFirst,
    check_code,
    redeem,
)
from scoreport.organizations.actions.terms import TermsChanged
from scoreport.organizations.models import AccessCode, CodeTry, Membership, Redemption, TermsAcceptance
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.rules.codes import OF_ACCOUNT, OF_ADDRESS, OF_ORGANIZATION, RateLimit, waits_until
from scoreport.organizations.rules.terms import VERSION
from tests.organizations.entering import WRONG, code_for, refusal, use
from tests.world import AT


def seconds(count):
    return AT + dt.timedelta(seconds=count)


def manages(world, name, organization="ALDER-EARLY", at=AT):
    return can(world.actor(name, at=at), Permission.PEOPLE_GRANT, world.organization(organization).place)


@pytest.mark.parametrize("join", ["\u00a0", "\u2013", "\u2011", "\r\n", "\u200b"], ids=ascii)
def test_a_code_is_taken_as_it_is_pasted(world, actor, join):
    issued = code_for(actor("pat"))
    assert use(actor("nora"), join.join(issued.code.lower().split("-"))).organization.code == "ALDER-EARLY"


def test_a_code_of_dashes_is_no_try(world, actor):
    code_for(actor("pat"))
    assert str(refusal(actor("nora"), " -\u2013- ")) == "Enter the code from your mail or letter."
    assert not CodeTry.objects.exists()


def test_a_code_makes_an_access_manager(world, actor):
    issued = code_for(actor("pat"))
    assert not manages(world, "nora")
    opened = use(actor("nora"), f" {issued.code.lower()} ")
    assert (opened.organization.code, opened.ends_on) == ("ALDER-EARLY", dt.date(2028, 6, 30))
    assert manages(world, "nora")
    assert not manages(world, "nora", "ALDER-HIGH")
    membership = Membership.objects.get(user__name="Nora")
    assert membership.granted_by == f"access code …{issued.hint}, {actor('pat').name}"
    accepted = TermsAcceptance.objects.get()
    assert (accepted.user.name, accepted.version, accepted.accepted_at, accepted.address) == (
        "Nora", VERSION, AT, "192.0.2.1",
    )  # fmt: skip
    told = {event.facts.verb: event.facts for event in events_of(organization="ALDER-EARLY", limit=3)}
    assert told[Verb.CODE_REDEEMED].detail == {"code": f"…{issued.hint}", "tool": "managing-access"}
    assert told[Verb.TERMS_ACCEPTED].detail == {"version": VERSION}
    assert told[Verb.MEMBERSHIP_GRANTED].detail["ends_on"] == "2028-06-30"


def test_looking_at_a_code_does_not_use_it(world, actor):
    issued = code_for(actor("pat"))
    check_code(actor("nora"), organization="000905", code=issued.code, at=AT)
    assert AccessCode.objects.get().used_at is None
    assert use(actor("nora"), issued.code)


def test_a_code_works_once(world, actor):
    issued = code_for(actor("pat"))
    use(actor("nora"), issued.code)
    refused = refusal(actor("fay"), issued.code)
    assert isinstance(refused, CodeSpent)
    assert "used on 2026-11-21" in str(refused)
    assert "nora" not in str(refused).lower()
    assert not manages(world, "fay")


def test_a_revoked_code_says_so(world, actor):
    issued = code_for(actor("pat"))
    revoke(actor("pat"), organization="000905", code=issued.hint, at=AT)
    assert "taken out of use on 2026-11-21" in str(refusal(actor("nora"), issued.code))
    assert not manages(world, "nora")


def test_a_wrong_code_and_anothers_code_cannot_be_told_apart(world, actor):
    """The same sentence and as many questions to the database, whatever stands behind a code elsewhere."""
    elsewhere = {"open": code_for(actor("pat"), "ALDER-HIGH"), "revoked": code_for(actor("pat"), "BIRCH-HIGH")}
    revoke(actor("pat"), organization="BIRCH-HIGH", code=elsewhere["revoked"].hint, at=AT)
    used = code_for(actor("pat"), "D-BIRCH")
    use(actor("fay"), used.code, "D-BIRCH")
    entered = [WRONG, "no code at all", *(issued.code for issued in elsewhere.values()), used.code]
    told, asked = set(), set()
    for number, code in enumerate(entered):
        CodeTry.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            told.add(str(refusal(actor("nora"), code, at=seconds(number))))
        asked.add(tuple(query["sql"].split()[0] for query in queries))
    assert len(told) == len(asked) == 1
    assert not manages(world, "nora")


@pytest.mark.parametrize("text", ["", "…", "\x00", "A" * 10_000, "١٢٣٤", "'; DROP TABLE users; --"])
def test_whatever_is_entered_is_a_wrong_code(world, actor, text):
    code_for(actor("pat"))
    assert type(refusal(actor("nora"), text)) is CodeRefused


def test_somebody_who_manages_there_already_keeps_the_code_for_another(world, actor):
    issued = code_for(actor("pat"), "ALDER-HIGH")
    with pytest.raises(ManagesAlready):
        use(actor("max"), issued.code, "ALDER-HIGH")
    with pytest.raises(ManagesAlready):
        check_code(actor("max"), organization="ALDER-HIGH", code=issued.code, at=AT)
    assert use(actor("nora"), issued.code, "ALDER-HIGH")


def test_a_role_that_has_ended_begins_again(world, actor, operator):
    grant_role(
        operator, email="nora@juniper.example", organization="000905", role=Role.ACCESS_MANAGER,
        ends_on=AT.date(), at=AT,
    )  # fmt: skip
    next_day = AT + dt.timedelta(days=1)
    assert not manages(world, "nora", at=next_day)
    use(world.actor("nora", at=next_day), code_for(actor("pat")).code, at=next_day)
    assert manages(world, "nora", at=next_day)
    assert Membership.objects.filter(user__name="Nora").count() == 1


def test_nobody_redeems_for_another_or_without_a_confirmed_address(world, actor, operator, anonymous):
    issued = code_for(actor("pat"))
    with pytest.raises(NotAllowed, match="own account"):
        use(operator, issued.code)
    EmailAddress.objects.filter(user__name="Nora").update(verified=False)
    with pytest.raises(NotAllowed, match="Confirm your e-mail address"):
        use(actor("nora"), issued.code)
    with pytest.raises(UnknownOrganization):
        use(actor("fay"), issued.code, "NOWHERE")
    EmailAddress.objects.filter(user__name="Nora").update(verified=True)
    assert use(actor("nora"), issued.code)


def test_terms_that_have_changed_meanwhile_are_not_accepted(world, actor):
    issued = code_for(actor("pat"))
    with pytest.raises(TermsChanged):
        redeem(actor("nora"), organization="000905", code=issued.code, terms="2001-01", at=AT)
    assert not Redemption.objects.exists()
    assert not CodeTry.objects.exists()


def test_whoever_looked_before_the_code_was_used_comes_too_late(world, actor, monkeypatch):
    issued = code_for(actor("pat"))
    stale = AccessCode.objects.get()
    monkeypatch.setattr("scoreport.organizations.actions.redeeming._entered", lambda *_a, **_k: stale)
    use(actor("nora"), issued.code)
    assert isinstance(refusal(actor("fay"), issued.code), CodeSpent)
    assert Membership.objects.filter(organization__code="ALDER-EARLY").count() == 1


def test_a_second_redemption_cannot_even_be_stored(world, actor):
    """The row behind the UPDATE: should the code look unused again, nobody else gets in by it."""
    issued = code_for(actor("pat"))
    use(actor("nora"), issued.code)
    AccessCode.objects.update(used_at=None, used_by="")
    with pytest.raises(IntegrityError), transaction.atomic():
        use(actor("fay"), issued.code)
    assert Membership.objects.filter(organization__code="ALDER-EARLY").count() == 1


# --- Wrong codes have to wait ----------------------------------------------------------------------------


def test_wrong_codes_wait_longer_and_longer(world, actor):
    code_for(actor("pat"))
    nora = actor("nora")
    for _slip in range(3):
        assert type(refusal(nora, WRONG)) is CodeRefused
    waits = []
    now = AT
    for _slip in range(7):
        waited = refusal(nora, WRONG, at=now)
        assert isinstance(waited, WaitFirst)
        until = next(s for s in (30, 60, 120, 240, 480, 900) if _may(nora, now + dt.timedelta(seconds=s)))
        waits.append(until)
        now += dt.timedelta(seconds=until)
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def _may(person, at):
    """Tell whether a (wrong) code is looked at then; a try that has to wait is not counted."""
    before = CodeTry.objects.count()
    refusal(person, WRONG, at=at)
    return CodeTry.objects.count() > before


def test_the_refusal_says_how_long(world, actor):
    nora = actor("nora")
    for _slip in range(3):
        refusal(nora, WRONG)
    assert str(refusal(nora, WRONG, at=seconds(10.5))) == "Too many codes were wrong. Try again in 20 seconds."
    assert str(refusal(nora, WRONG, at=seconds(29))) == "Too many codes were wrong. Try again in 1 second."
    for number in range(3):
        assert type(refusal(nora, WRONG, at=seconds(1000 * (number + 1)))) is CodeRefused
    assert str(refusal(nora, WRONG, at=seconds(3001))) == "Too many codes were wrong. Try again in 4 minutes."


def test_the_right_code_has_to_wait_too_and_then_opens(world, actor):
    """Otherwise the wait would tell a right code from a wrong one."""
    issued = code_for(actor("pat"))
    for _slip in range(3):
        refusal(actor("nora"), WRONG)
    assert isinstance(refusal(actor("nora"), issued.code), WaitFirst)
    assert use(actor("nora"), issued.code, at=seconds(30))


def test_wrong_codes_of_a_day_ago_are_forgotten(world, actor):
    for _slip in range(3):
        refusal(actor("nora"), WRONG)
    tomorrow = AT + dt.timedelta(hours=24)
    for _slip in range(3):
        assert type(refusal(actor("nora"), WRONG, at=tomorrow)) is CodeRefused
    assert isinstance(refusal(actor("nora"), WRONG, at=tomorrow), WaitFirst)


@pytest.mark.parametrize(
    ("tries", "other_address", "other_place", "waits"),
    [
        (OF_ADDRESS.free, False, True, True),  # Somebody else at the same address
        (OF_ADDRESS.free - 1, False, True, False),
        (OF_ORGANIZATION.free, True, False, True),  # Somebody else for the same institution
        (OF_ORGANIZATION.free - 1, True, False, False),
        (OF_ORGANIZATION.free, True, True, False),
    ],
)
def test_an_address_and_an_institution_wait_as_well(world, actor, tries, other_address, other_place, waits):
    early, high = world.organization("ALDER-EARLY"), world.organization("ALDER-HIGH")
    for _slip in range(tries):
        CodeTry.objects.create(
            at=AT,
            user_id=world.people["fay"].id,
            address="198.51.100.7" if other_address else "192.0.2.1",
            organization_id=(high if other_place else early).id,
            was_right=False,
        )
    assert isinstance(refusal(actor("nora"), WRONG), WaitFirst) is waits


@given(st.lists(st.integers(0, 86_400), max_size=60), st.sampled_from([OF_ACCOUNT, OF_ADDRESS, OF_ORGANIZATION]))
def test_a_wait_begins_after_the_free_ones_and_never_passes_the_longest(when, patience: RateLimit):
    wrong = [seconds(second) for second in when]
    until = waits_until(wrong, patience)
    assert (until is None) is (len(wrong) < patience.free)
    if until is not None:
        assert dt.timedelta(seconds=30) <= until - max(wrong) <= patience.longest
