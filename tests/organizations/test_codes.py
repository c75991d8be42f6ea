"""Issuing access codes, sending them, taking them out of use."""

import datetime as dt
from typing import Any

import pytest

from scoreport.access import NotAllowed, Role
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.lib import clock, codes
from scoreport.organizations.actions import grant_role
from scoreport.organizations.actions.codes import CodeIsUsed, NoContact, SeveralCodes, issue_many, revoke
from scoreport.organizations.models import AccessCode
from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.codes import UnknownCode, chosen, codes_of, contact_of, standings
from scoreport.organizations.rules.codes import CodeState, is_open, state_of
from scoreport.outbox.contents import unsealed
from scoreport.outbox.models import Mail
from tests.organizations.entering import code_for, may_print_many, use, with_contact
from tests.world import AT

LATER = AT + dt.timedelta(hours=1)
OUTSIDERS = ("amy", "max", "nora")


def issued_to(world, organization="ALDER-EARLY"):
    return codes_of(world.actor("pat"), world.organization(organization))


def test_a_code_is_read_once_and_stored_as_a_digest(world, actor):
    issued = code_for(actor("pat"))
    assert codes.is_code(codes.normalized(issued.code))
    assert (issued.organization.code, issued.hint, issued.sent_to) == ("ALDER-EARLY", issued.code[-4:], "")
    (info,) = issued_to(world)
    assert (info.hint, info.issued_by, info.year) == (issued.hint, actor("pat").name, None)
    stored = " ".join(map(str, AccessCode.objects.values_list().get()))
    assert issued.code not in stored
    assert codes.normalized(issued.code) not in stored
    (event,) = events_of(organization="ALDER-EARLY", verb=Verb.CODE_ISSUED)
    assert event.facts.subject == f"…{issued.hint}"


@pytest.mark.parametrize("name", OUTSIDERS)
def test_only_program_staff_issue_codes_and_see_them(world, actor, name):
    for act in (
        lambda: code_for(actor(name)),
        lambda: issue_many(actor(name), at=AT),
        lambda: revoke(actor(name), organization="ALDER-EARLY", code="1", at=AT),
        lambda: codes_of(actor(name), world.organization("ALDER-EARLY")),
        lambda: contact_of(actor(name), world.organization("ALDER-EARLY"), at=AT),
        lambda: chosen(actor(name), under=None, only_without_manager=False, only_with_contact=False, at=AT),
        lambda: standings(actor(name), search="", only_without_manager=False, at=AT, page=1, per_page=9),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not AccessCode.objects.exists()


def test_program_staff_need_a_second_factor(world):
    with pytest.raises(NotAllowed) as refused:
        code_for(world.actor("pat", second_factor=False))
    assert refused.value.needs_second_factor


def test_a_code_goes_to_the_contact_on_file(world, actor):
    with pytest.raises(NoContact, match="no contact on file"):
        code_for(actor("pat"), send=True)
    assert not AccessCode.objects.exists()
    with_contact("ALDER-EARLY")
    issued = code_for(actor("pat"), send=True)
    mail = Mail.objects.get()
    assert (issued.sent_to, mail.to, mail.about) == (*["principal@alder.example"] * 2, f"access-code:{issued.id}")
    assert unsealed(mail.sealed)["code"] == issued.code
    assert issued.code not in mail.sealed


def test_a_new_code_can_take_the_place_of_a_lost_one(world, actor):
    lost = code_for(actor("pat"))
    found = code_for(actor("pat"), replace=True, at=LATER)
    newer, older = issued_to(world)
    assert (newer.id, newer.revoked_at) == (found.id, None)
    assert (older.id, older.revoked_by) == (lost.id, actor("pat").name)


def test_a_code_is_revoked_by_its_last_characters_or_its_number(world, actor):
    first, second = code_for(actor("pat")), code_for(actor("pat"))
    assert revoke(actor("pat"), organization="000905", code=f"…{first.hint.lower()}", at=LATER).id == first.id
    assert revoke(actor("pat"), organization="000905", code=str(second.id), at=LATER).revoked_at == LATER
    with pytest.raises(CodeIsUsed, match="revoked before"):
        revoke(actor("pat"), organization="000905", code=first.hint, at=LATER)
    with pytest.raises(UnknownCode):
        revoke(actor("pat"), organization="470001", code=first.hint, at=LATER)
    with pytest.raises(UnknownOrganization):
        revoke(actor("pat"), organization="999999", code=first.hint, at=LATER)
    assert len(events_of(organization="ALDER-EARLY", verb=Verb.CODE_REVOKED)) == 2


def test_a_used_code_is_not_revoked_but_the_role_that_it_gave(world, actor):
    issued = code_for(actor("pat"))
    use(actor("nora"), issued.code)
    with pytest.raises(CodeIsUsed, match="used by Nora"):
        revoke(actor("pat"), organization="000905", code=issued.hint, at=LATER)


def test_two_codes_that_end_alike_are_told_apart_by_their_numbers(world, actor):
    first, second = code_for(actor("pat")), code_for(actor("pat"))
    AccessCode.objects.update(hint="2345")
    with pytest.raises(SeveralCodes, match=f"{first.id}, {second.id}"):
        revoke(actor("pat"), organization="000905", code="2345", at=LATER)
    assert revoke(actor("pat"), organization="000905", code=str(second.id), at=LATER).id == second.id
    # Only one of them is open now, so its last characters are enough.
    assert revoke(actor("pat"), organization="000905", code="2345", at=LATER).id == first.id


def test_codes_in_bulk(world, actor, operator):
    with_contact("ALDER-EARLY")
    with_contact("BIRCH-HIGH", "principal@birch.example", "")
    pat = actor("pat")

    def given(**options):
        choice = {name: value for name, value in options.items() if name != "replace"}
        with pytest.raises(ApprovalNeeded):
            issue_many(pat, at=AT, **options)
        may_print_many(pat, **choice)
        return [(one.organization.code, one.sent_to) for one in issue_many(pat, at=AT, **options)]

    # Max manages Alder High; a district's own manager would count for the district alone.
    assert given(under="D-ALDER", only_without_manager=True, send=True) == [
        ("ALDER-EARLY", "principal@alder.example"), ("D-ALDER", ""),
    ]  # fmt: skip
    assert sorted(given(only_with_contact=True)) == [("ALDER-EARLY", ""), ("BIRCH-HIGH", "")]
    assert len(given()) == 6
    # Each bulk took the earlier codes out of use, so that only one of an institution opens.
    still_open = [info for info in issued_to(world) if info.revoked_at is None]
    assert len(still_open) == 1
    assert len(given(under="ALDER-EARLY", replace=False)) == 1
    assert len([info for info in issued_to(world) if info.revoked_at is None]) == 2
    with pytest.raises(UnknownOrganization):
        issue_many(pat, under="NOWHERE", at=AT)


def test_who_has_a_manager(world, actor, operator):
    def without():
        found = standings(actor("pat"), search="alder", only_without_manager=True, at=AT, page=1, per_page=9)
        return [row.info.code for row in found.rows]

    assert without() == ["ALDER-EARLY", "D-ALDER"]
    grant_role(operator, email="nora@juniper.example", organization="000905", role=Role.ACCESS_MANAGER, at=AT)
    assert without() == ["D-ALDER"]
    found = standings(actor("pat"), search="alder", only_without_manager=False, at=AT, page=99, per_page=2)
    assert (found.total, found.page, [(row.info.code, row.managers) for row in found.rows]) == (
        3, 2, [("D-ALDER", 0)],
    )  # fmt: skip
    # After its last day a role counts no more.
    later = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    found = standings(actor("pat"), search="470001", only_without_manager=True, at=later, page=1, per_page=2)
    assert [row.info.code for row in found.rows] == ["ALDER-HIGH"]


def test_where_a_code_stands():
    today = dt.date(2026, 11, 21)
    nothing: dict[str, Any] = {"year": None, "revoked_at": None, "used_at": None, "today": today}
    assert is_open(**nothing)
    assert state_of(**nothing | {"used_at": AT}) is CodeState.USED
    assert state_of(**nothing | {"used_at": AT, "revoked_at": AT}) is CodeState.REVOKED
    # A code of one academic year opens from 1 July to 30 June.
    assert [clock.academic_year(dt.date(2026, 6, 30)), clock.academic_year(dt.date(2026, 7, 1))] == [2025, 2026]
    of_2026 = nothing | {"year": 2026}
    days = {
        dt.date(2026, 6, 30): False,
        dt.date(2026, 7, 1): True,
        dt.date(2027, 6, 30): True,
        dt.date(2027, 7, 1): False,
    }
    assert {day: is_open(**of_2026 | {"today": day}) for day in days} == days
