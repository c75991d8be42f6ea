"""Invitations: seven days, one address, used up by nobody but its owner, and by that one once."""

import datetime as dt
from typing import Any

import pytest

from scoreport.access import NotAllowed, NotFound, Permission, Role, can
from scoreport.accounts.actions import create_person
from scoreport.accounts.models import User
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.actions.acceptances import InvitationElsewhere, accept_invitation, open_invitation
from scoreport.organizations.actions.invitations import (
    InvitationEnded,
    NothingToInvite,
    NotInvitable,
    cancel_invitation,
    invite_all,
    resend_invitation,
)
from scoreport.organizations.models import Invitation, Membership
from scoreport.organizations.queries import UnknownOrganization, actor_of
from scoreport.organizations.queries.invitations import invitation, invitations, landing
from scoreport.organizations.rules.invitations import (
    InvitationGroup,
    InvitationState,
    Invitee,
    Outlook,
    Standing,
)
from scoreport.outbox.actions import bounced
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailState
from tests.organizations.invited import NEW, NORA, invited, stored, token_of
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
MOMENT = dt.timedelta(microseconds=1)
LAST_DAY = dt.date(2028, 6, 30)


def roles_of(world, name):
    """Return the roles at Alder High School that somebody holds, with their ends."""
    rows = Membership.objects.filter(user_id=world.people[name].id, revoked_at=None)
    return {(row.role, row.ends_on) for row in rows}


@pytest.fixture
def max_(actor):
    """Return the access manager of Alder High School."""
    return actor("max")


# --- Sending -------------------------------------------------------------------------------------


def test_a_manager_invites_to_their_own_place_only(world, actor, max_):
    info = invited(max_)
    assert (info.state, info.ends_on, info.expires_at) == (InvitationState.WAITING, LAST_DAY, AT + 7 * DAY)
    mail = Mail.objects.get(about=f"invitation:{info.id}")
    assert (mail.to, mail.kind) == (NEW, "invitation")
    event = events_of(verb=Verb.INVITATION_SENT)[0].facts
    assert (event.actor, event.organization, event.subject) == ("Max <max@juniper.example>", "ALDER-HIGH", NEW)
    with pytest.raises(UnknownOrganization):
        invited(max_, organization="BIRCH-HIGH")
    for name in ("amy", "dan", "sue", "nora", "pat"):
        with pytest.raises((NotAllowed, NotFound)):
            invited(actor(name), email="other@juniper.example")
    with pytest.raises(NotAllowed, match="second factor"):
        invited(world.actor("max", second_factor=False), email="other@juniper.example")
    assert Invitation.objects.count() == 1


def test_a_manager_of_a_district_invites_to_its_schools(world, actor):
    grant_role(OPERATOR, email="dan@juniper.example", organization="D-ALDER", role=Role.ACCESS_MANAGER, at=AT)
    dan = actor("dan")
    info = invited(dan)
    assert info.organization.code == "ALDER-HIGH"
    cancel_invitation(actor("max"), invitation_id=info.id, at=AT)
    with pytest.raises(NotFound):
        invited(dan, organization="BIRCH-HIGH")


def test_the_token_is_stored_as_a_digest(world, max_):
    info = invited(max_)
    token = token_of(info)
    assert len(token) >= 43
    assert token not in str(vars(stored(info)))
    assert token not in Mail.objects.get(about=f"invitation:{info.id}").sealed


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"email": "no address"}, "not an e-mail address"),
        ({"email": ""}, "not an e-mail address"),
        ({"email": "x" * 250 + "@juniper.example"}, "not an e-mail address"),
        ({"roles": []}, "at least one role"),
        ({"roles": [Role.PROGRAM_STAFF]}, "not handed out here"),
        ({"roles": [Role.SUPPORT, Role.DETAILED_REPORTS]}, "not handed out here"),
        ({"ends_on": dt.date(2026, 11, 20)}, "This day is over"),
        ({"ends_on": LAST_DAY + DAY}, "until 2028-06-30 at most"),
        ({"name": "x" * 201}, "up to 200 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(world, max_, changes, told):
    with pytest.raises(NotInvitable, match=told):
        invited(max_, **changes)
    assert not Mail.objects.exists()
    assert invited(max_, ends_on=dt.date(2026, 11, 21)).ends_on == dt.date(2026, 11, 21)


def test_who_has_it_already_and_who_was_invited_get_no_second_mail(world, max_):
    amy = {"email": "amy@juniper.example", "roles": [Role.DETAILED_REPORTS]}
    with pytest.raises(NothingToInvite, match="has this access already"):
        invited(max_, **amy)
    invited(max_, **amy | {"roles": [Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS]})
    invited(max_)
    with pytest.raises(NothingToInvite, match="open invitation"):
        invited(max_, email="  NEW@Juniper.Example ")
    assert Mail.objects.count() == 2


def test_after_seven_days_somebody_is_invited_anew(world, max_):
    first = invited(max_)
    second = invited(max_, at=AT + 7 * DAY)
    assert stored(first).cancelled_at == AT + 7 * DAY
    assert second.id != first.id
    assert landing(max_, token_of(first), AT + 7 * DAY).standing is Standing.CLOSED


def test_a_list_is_invited_whole_or_not_at_all(world, max_):
    good = [Invitee(f"p{n}@juniper.example", "", (Role.SUMMARY_REPORTS,), LAST_DAY, n) for n in range(3)]
    with pytest.raises(NotInvitable):
        invite_all(max_, organization="ALDER-HIGH", invitees=[*good, Invitee("x", "", (), LAST_DAY)], at=AT)
    assert not Invitation.objects.exists()
    amy = Invitee("amy@juniper.example", "", (Role.DETAILED_REPORTS,), LAST_DAY)
    nora = Invitee(NORA, "", (Role.DETAILED_REPORTS,), LAST_DAY)
    planned = invite_all(max_, organization="ALDER-HIGH", invitees=[*good, good[0], amy, nora], at=AT)
    assert [one.outlook for one in planned] == [
        Outlook.NEW, Outlook.NEW, Outlook.NEW, Outlook.REPEATED, Outlook.HELD, Outlook.NEW,
    ]  # fmt: skip
    assert Mail.objects.count() == Invitation.objects.count() == 4
    again = invite_all(max_, organization="ALDER-HIGH", invitees=good, at=AT)
    assert {one.outlook for one in again} == {Outlook.OPEN}


def test_a_list_has_a_limit(world, max_):
    many = [Invitee(f"p{n}@juniper.example", "", (Role.SUMMARY_REPORTS,), LAST_DAY) for n in range(1001)]
    with pytest.raises(NotInvitable, match="up to 1000 people"):
        invite_all(max_, organization="ALDER-HIGH", invitees=many, at=AT)


# --- Where it stands -----------------------------------------------------------------------------


def state(info, at=AT):
    return invitation(OPERATOR, info.id, at).state


def test_the_states_of_an_invitation(world, max_):
    info = invited(max_)
    token = token_of(info)
    assert state(info) is InvitationState.WAITING
    mail = Mail.objects.get(about=f"invitation:{info.id}")
    Mail.objects.update(state=MailState.SENT, sealed="")
    assert state(info) is InvitationState.SENT
    bounced(OPERATOR, message_id=mail.message_id, reason="no such mailbox")
    shown = invitation(max_, info.id, AT)
    assert (shown.state, shown.reason) == (InvitationState.BOUNCED, "no such mailbox")
    open_invitation(OPERATOR, token=token, at=AT)
    assert state(info) is InvitationState.OPENED
    assert state(info, AT + 7 * DAY) is InvitationState.EXPIRED
    cancel_invitation(max_, invitation_id=info.id, at=AT)
    assert state(info) is InvitationState.CANCELLED
    with pytest.raises(InvitationEnded):
        cancel_invitation(max_, invitation_id=info.id, at=AT)


def test_others_know_of_no_invitation(world, actor, max_):
    info = invited(max_)
    for name in ("amy", "bea", "dan", "nora", "pat", "sue"):
        for act in (cancel_invitation, resend_invitation):
            with pytest.raises(NotFound, match="There is no such invitation"):
                act(actor(name), invitation_id=info.id, at=AT)
    assert stored(info).times_sent == 1


def test_lists_by_group_and_search(world, actor, max_):
    sent = [invited(max_, email=f"p{number}@juniper.example", name=f"Person {number}") for number in range(4)]
    cancel_invitation(max_, invitation_id=sent[0].id, at=AT)
    mail = Mail.objects.get(about=f"invitation:{sent[1].id}")
    bounced(OPERATOR, message_id=mail.message_id, reason="mailbox full")
    place = world.organization("ALDER-HIGH").place
    page = invitations(max_, place, at=AT)
    assert page.counts == {
        InvitationGroup.OUTSTANDING: 3, InvitationGroup.BOUNCED: 1, InvitationGroup.EXPIRED: 0,
        InvitationGroup.ACCEPTED: 0, InvitationGroup.CANCELLED: 1,
    }  # fmt: skip
    assert [info.email[:2] for info in page.rows] == ["p3", "p2", "p1"]
    (lost,) = invitations(max_, place, at=AT, group=InvitationGroup.BOUNCED).rows
    assert (lost.email, lost.reason) == ("p1@juniper.example", "mailbox full")
    assert [info.id for info in invitations(max_, place, at=AT, search=" P2@ ").rows] == [sent[2].id]
    assert invitations(max_, place, at=AT, search="person 3").total == 1
    assert invitations(max_, place, at=AT, first=1, limit=1).rows[0].id == sent[2].id
    later = invitations(max_, place, at=AT + 7 * DAY, group=InvitationGroup.EXPIRED)
    assert later.total == 3
    for name in ("amy", "dan", "pat"):
        with pytest.raises(NotAllowed):
            invitations(actor(name), place, at=AT)


# --- The link ------------------------------------------------------------------------------------


def test_opening_is_noted_once_and_uses_nothing_up(world, max_, actor):
    info = invited(max_, email=NORA)
    token = token_of(info)
    nobody = actor_of(0, second_factor=False, at=AT)
    for minute in range(5):
        found = open_invitation(nobody, token=token, at=AT + dt.timedelta(minutes=minute))
        assert found.standing is Standing.OPEN
    assert stored(info).opened_at == AT
    assert len(events_of(verb=Verb.INVITATION_OPENED)) == 1
    assert accept_invitation(actor("nora"), token=token, at=AT + DAY).state is InvitationState.ACCEPTED


def test_accepting_gives_every_role_once_and_tells_the_inviter(world, max_, actor):
    info = invited(max_, email="Nora@JUNIPER.example")
    token = token_of(info)
    accept_invitation(actor("nora"), token=token, at=AT)
    assert roles_of(world, "nora") == {("detailed-reports", LAST_DAY), ("summary-reports", LAST_DAY)}
    place = world.organization("ALDER-HIGH").place
    assert can(actor("nora"), Permission.SCORES_ROSTER_READ, place)
    mail = Mail.objects.get(kind="invitation-accepted")
    assert mail.to == "max@juniper.example"
    facts = [event.facts for event in events_of(limit=3)]
    assert [one.verb for one in facts] == [
        Verb.INVITATION_ACCEPTED, Verb.MEMBERSHIP_GRANTED, Verb.MEMBERSHIP_GRANTED,
    ]  # fmt: skip
    with pytest.raises(InvitationEnded):
        accept_invitation(actor("nora"), token=token, at=AT)
    assert landing(actor("nora"), token, AT).standing is Standing.ACCEPTED
    assert landing(actor("amy"), token, AT).standing is Standing.CLOSED
    assert Mail.objects.filter(kind="invitation-accepted").count() == 1


@pytest.mark.parametrize(("held_until", "then"), [(dt.date(2028, 6, 29), LAST_DAY), (dt.date(2029, 6, 30),) * 2])
def test_a_role_that_is_held_gets_the_later_end(world, max_, actor, held_until, then):
    grant_role(OPERATOR, email=NORA, organization="ALDER-HIGH", role=Role.DETAILED_REPORTS, ends_on=held_until, at=AT)
    accept_invitation(actor("nora"), token=token_of(invited(max_, email=NORA)), at=AT)
    assert roles_of(world, "nora") == {("detailed-reports", then), ("summary-reports", LAST_DAY)}


def test_a_role_that_was_taken_away_is_given_anew(world, max_, actor):
    held: Any = {"email": NORA, "organization": "ALDER-HIGH", "role": Role.DETAILED_REPORTS}
    grant_role(OPERATOR, **held, at=AT)
    revoke_role(OPERATOR, **held, at=AT)
    accept_invitation(actor("nora"), token=token_of(invited(max_, email=NORA)), at=AT)
    assert ("detailed-reports", LAST_DAY) in roles_of(world, "nora")


def test_it_lives_for_seven_days_to_the_instant(world, max_, actor):
    token = token_of(invited(max_, email=NORA))
    assert landing(actor("nora"), token, AT + 7 * DAY).standing is Standing.CLOSED
    with pytest.raises(InvitationEnded):
        accept_invitation(actor("nora"), token=token, at=AT + 7 * DAY)
    assert landing(actor("nora"), token, AT + 7 * DAY - MOMENT).standing is Standing.OPEN
    accept_invitation(actor("nora"), token=token, at=AT + 7 * DAY - MOMENT)


def test_sent_again_it_lives_for_seven_more_and_the_old_link_says_so(world, max_, actor):
    info = invited(max_, email=NORA)
    old = token_of(info)
    open_invitation(actor("nora"), token=old, at=AT)
    shown = resend_invitation(max_, invitation_id=info.id, at=AT + 6 * DAY)
    assert (shown.times_sent, shown.opened_at, shown.expires_at) == (2, None, AT + 13 * DAY)
    assert landing(actor("nora"), old, AT + 6 * DAY).standing is Standing.REPLACED
    with pytest.raises(InvitationEnded):
        accept_invitation(actor("nora"), token=old, at=AT + 6 * DAY)
    accept_invitation(actor("nora"), token=token_of(info), at=AT + 13 * DAY - MOMENT)
    assert landing(actor("nora"), old, AT + 6 * DAY).standing is Standing.CLOSED
    with pytest.raises(InvitationEnded):
        resend_invitation(max_, invitation_id=info.id, at=AT)


def test_what_expired_can_be_sent_again_but_not_beyond_its_roles(world, max_):
    info = invited(max_, ends_on=dt.date(2026, 12, 1))
    resend_invitation(max_, invitation_id=info.id, at=AT + 9 * DAY)
    with pytest.raises(InvitationEnded, match="invite anew"):
        resend_invitation(max_, invitation_id=info.id, at=AT + 11 * DAY)


def test_roles_that_ended_meanwhile_are_not_given(world, max_, actor):
    token = token_of(invited(max_, email=NORA, ends_on=dt.date(2026, 11, 22)))
    with pytest.raises(InvitationEnded):
        accept_invitation(actor("nora"), token=token, at=AT + 2 * DAY)
    assert roles_of(world, "nora") == set()
    accept_invitation(actor("nora"), token=token, at=AT + DAY)


def test_nobody_else_can_use_it_and_the_inviter_is_told_once(world, max_, actor):
    info = invited(max_, email=NORA)
    token = token_of(info)
    for _time in range(3):
        assert open_invitation(actor("amy"), token=token, at=AT).standing is Standing.ELSEWHERE
        with pytest.raises(InvitationElsewhere) as refusal:
            accept_invitation(actor("amy"), token=token, at=AT)
        assert "n•••@juniper.example" in str(refusal.value)
        assert NORA not in str(refusal.value)
    open_invitation(actor("sue"), token=token, at=AT)
    told = Mail.objects.filter(kind="invitation-misdirected")
    assert [mail.to for mail in told] == ["max@juniper.example"] * 2
    assert [event.facts.detail["other"] for event in events_of(verb=Verb.INVITATION_MISDIRECTED)] == [
        "sue@juniper.example", "amy@juniper.example",
    ]  # fmt: skip
    assert roles_of(world, "amy") == {("detailed-reports", LAST_DAY)}
    accept_invitation(actor("nora"), token=token, at=AT)


def test_an_address_that_was_not_shown_to_be_theirs_does_not_count(world, max_, actor):
    from allauth.account.models import EmailAddress

    token = token_of(invited(max_, email=NORA))
    EmailAddress.objects.filter(email=NORA).update(verified=False)
    with pytest.raises(InvitationElsewhere):
        accept_invitation(actor("nora"), token=token, at=AT)
    EmailAddress.objects.filter(email=NORA).update(verified=True)
    accept_invitation(actor("nora"), token=token, at=AT)


def test_somebody_suspended_accepts_nothing(world, max_, actor):
    token = token_of(invited(max_, email=NORA))
    User.objects.filter(email=NORA).update(is_active=False)
    with pytest.raises(InvitationEnded):
        accept_invitation(actor("nora"), token=token, at=AT)
    User.objects.filter(email=NORA).update(is_active=True)
    accept_invitation(actor("nora"), token=token, at=AT)


def test_it_opens_nothing_once_its_inviter_may_not_give_access(world, max_, actor):
    info = invited(max_, email=NORA)
    token = token_of(info)
    grant_role(OPERATOR, email="sue@juniper.example", organization="ALDER-HIGH", role=Role.ACCESS_MANAGER, at=AT)
    revoke_role(OPERATOR, email="max@juniper.example", organization="ALDER-HIGH", role=Role.ACCESS_MANAGER, at=AT)
    assert landing(actor("nora"), token, AT).standing is Standing.CLOSED
    with pytest.raises(InvitationEnded):
        accept_invitation(actor("nora"), token=token, at=AT)
    assert state(info) is InvitationState.UNBACKED
    # Another manager sends it again, and it is theirs from then on.
    resend_invitation(actor("sue"), invitation_id=info.id, at=AT)
    accept_invitation(actor("nora"), token=token_of(info), at=AT)
    assert Membership.objects.filter(granted_by="Sue <sue@juniper.example>").count() == 2


def test_an_inviter_without_an_account_any_more_backs_nothing(world, max_, actor):
    mine, program = invited(max_, email=NORA), invited(OPERATOR, email=NEW)
    User.objects.filter(email="max@juniper.example").delete()
    assert landing(actor("nora"), token_of(mine), AT).standing is Standing.CLOSED
    assert landing(actor("nora"), token_of(program), AT).standing is Standing.ELSEWHERE


def test_a_new_account_with_the_address_accepts(world, max_):
    info = invited(max_, email=" New@Juniper.EXAMPLE")
    person = create_person(OPERATOR, email=NEW, name="Newcomer", at=AT)
    newcomer = actor_of(person.id, second_factor=False, at=AT)
    assert accept_invitation(newcomer, token=token_of(info), at=AT).accepted_by == f"Newcomer <{NEW}>"


@pytest.mark.parametrize("composed", ["jos\u00e9", "jose\u0301"])
def test_spellings_of_one_address_are_one(world, max_, composed):
    with pytest.raises(NotInvitable):
        invited(max_, email=f"{composed}@juniper.example")
    invited(max_, email=f"jo@{composed}.example")
    with pytest.raises(NothingToInvite):
        invited(max_, email="JO@JOS\u00c9.example")


def test_unknown_links_lead_nowhere(world, actor):
    for token in ("", "x", "\u20ac", "A" * 43, "A" * 10_000):
        assert landing(actor("nora"), token, AT).standing is Standing.CLOSED
        with pytest.raises(InvitationEnded):
            accept_invitation(actor("nora"), token=token, at=AT)


def test_a_former_key_still_opens_links(world, max_, actor, settings):
    token = token_of(invited(max_, email=NORA))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough for anybody"
    assert landing(actor("nora"), token, AT).standing is Standing.OPEN
