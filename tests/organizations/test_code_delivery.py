"""Who gets a code, who may use one, and who is told: whoever can issue cannot use."""

import datetime as dt
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from scoreport.access import NotAllowed, NotFound, Permission, Role, can
from scoreport.accounts.actions import rename
from scoreport.approvals.actions import ApprovalNeeded, approve
from scoreport.audit.models import PersonName
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import grant_role, revoke_role
from scoreport.organizations.actions.answers import decline_request, grant_request
from scoreport.organizations.actions.changes import assign_roles, renew_role
from scoreport.organizations.actions.codes import NoContact, issue, issue_many
from scoreport.organizations.actions.contacts import ContactRefused, ask_contact, change_contact
from scoreport.organizations.actions.redeeming import NotForStaff, RequestedAlready, check_code
from scoreport.organizations.actions.requests import AskedByStaff, ask_code, send_code
from scoreport.organizations.models import AccessCode, Membership, Organization
from scoreport.organizations.queries.codes import contact_of
from scoreport.organizations.queries.role_requests import role_requests
from scoreport.organizations.rules.contacts import CONTACT_WAIT, STAFF_WAIT, ContactProblem
from tests.approvals.second import second_staff
from tests.organizations.entering import code_for, refusal, use, with_contact
from tests.organizations.managing import mails, values
from tests.world import AT, OPERATOR, load

SECOND = dt.timedelta(seconds=1)
EARLY = "ALDER-EARLY"
NELL = {"name": "Nell Newcomer", "email": "nell@alder.example"}


def manages(world, name, place=EARLY):
    return can(world.actor(name), Permission.PEOPLE_GRANT, world.organization(place).place)


def give(name, place, role=Role.ACCESS_MANAGER, **options):
    grant_role(OPERATOR, email=f"{name}@juniper.example", organization=place, role=role, at=AT, **options)


# --- Program staff redeem nothing ---------------------------------------------------------------------------


def test_program_staff_use_no_code_while_they_hold_the_role(world, actor):
    code = issue(OPERATOR, organization=EARLY, at=AT).code
    for act in (
        lambda: use(actor("pat"), code),
        lambda: check_code(actor("pat"), organization=EARLY, code=code, at=AT),
    ):
        with pytest.raises(NotForStaff, match="Program staff cannot use access codes"):
            act()
    assert AccessCode.objects.get().used_at is None
    assert [one.facts.detail["why"] for one in events_of(verb=Verb.CODE_REFUSED)] == ["program-staff"] * 2


@pytest.mark.parametrize("ended", ["revoked", "expired"])
def test_program_staff_use_no_code_after_their_role_ended(world, actor, ended):
    code = issue(OPERATOR, organization=EARLY, at=AT).code
    if ended == "revoked":
        revoke_role(OPERATOR, email="pat@juniper.example", organization=None, role=Role.PROGRAM_STAFF, at=AT)
    else:
        give("pat", None, Role.PROGRAM_STAFF, ends_on=AT.date())
    for later in (dt.timedelta(days=1), STAFF_WAIT - dt.timedelta(days=1), 2 * STAFF_WAIT):
        at = AT + later
        # However long ago: the code is from the time in which Pat was staff.
        assert isinstance(refusal(world.actor("pat", at=at), code, at=at), NotForStaff)
    at = AT + 2 * STAFF_WAIT
    new = issue(OPERATOR, organization=EARLY, at=at).code
    assert use(world.actor("pat", at=at), new, at=at).ends_on


def test_the_issuer_of_a_code_does_not_use_it(world, actor):
    """Also somebody whose role left no trace: the code itself says who issued it."""
    code = code_for(actor("pat")).code
    Membership.objects.filter(user__name="Pat").delete()
    with pytest.raises(NotForStaff, match="You issued this code"):
        use(world.actor("pat"), code)


def test_a_request_of_program_staff_is_not_answered_with_a_code(world, actor):
    asked = ask_code(actor("pat"), organization=EARLY, title="", why="For a test.", at=AT)
    with pytest.raises(AskedByStaff):
        send_code(actor("pat"), request_id=asked, at=AT)
    assert not AccessCode.objects.exists()


# --- Access managers confirm ---------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [EARLY, "D-ALDER", "ST"])
def test_where_somebody_manages_access_they_confirm_who_uses_a_code(world, actor, place):
    give("dan", place)
    code = issue(OPERATOR, organization=EARLY, at=AT).code
    done = use(actor("nora"), code)
    assert done.ends_on is None
    assert not manages(world, "nora")
    ((asked,), _total) = role_requests(actor("dan"), world.organization(EARLY), AT, is_open=True, limit=5)
    assert (asked.name, asked.role, asked.code_hint) == ("Nora", Role.ACCESS_MANAGER, code[-4:])
    assert mails()[-1] == ("access-code-redeemed", "dan")
    assert values("access-code-redeemed")[-1]["is_request"]
    with pytest.raises(RequestedAlready):
        use(actor("nora"), issue(OPERATOR, organization=EARLY, at=AT).code)
    for nobody in ("pat", "nora"):
        with pytest.raises((NotAllowed, NotFound)):
            grant_request(actor(nobody), request_id=asked.id, role=Role.ACCESS_MANAGER, at=AT)
    grant_request(actor("dan"), request_id=asked.id, role=Role.ACCESS_MANAGER, at=AT)
    assert manages(world, "nora")


def test_a_manager_who_declines_leaves_the_person_without_a_role(world, actor):
    give("dan", "D-ALDER")
    done = use(actor("nora"), issue(OPERATOR, organization=EARLY, at=AT).code)
    decline_request(actor("dan"), request_id=done.request_id, sentence="Nora does not work here.", at=AT)
    assert not manages(world, "nora")


def test_a_manager_whose_role_has_ended_confirms_nothing(world, actor):
    give("dan", "D-ALDER", ends_on=AT.date())
    at = AT + dt.timedelta(days=1)
    assert use(world.actor("nora", at=at), issue(OPERATOR, organization=EARLY, at=at).code, at=at).ends_on


# --- The contact on file -----------------------------------------------------------------------------------------


def test_a_contact_that_was_changed_waits_and_the_old_one_is_told(world, actor):
    pat, pia, early = actor("pat"), second_staff(), world.organization(EARLY)
    with_contact(EARLY)
    give("dan", "D-ALDER")
    with pytest.raises(ApprovalNeeded):
        change_contact(pat, organization=EARLY, at=AT, **NELL)
    asked = ask_contact(pat, organization=EARLY, reason="Pia has retired.", at=AT, **NELL)
    approve(pia, approval_id=asked.id, at=AT)
    with pytest.raises(ApprovalNeeded):
        change_contact(pat, organization=EARLY, name="Nell Newcomer", email="other@alder.example", at=AT)
    change_contact(pat, organization=EARLY, at=AT, **NELL)
    assert {("contact-changed", "principal"), ("contact-changed", "dan")} <= set(mails())
    (event,) = events_of(organization=EARLY, verb=Verb.CONTACT_CHANGED)
    assert (event.facts.subject, event.facts.detail["before"]) == ("nell@alder.example", "principal@alder.example")
    assert contact_of(pat, early, at=AT).problem is ContactProblem.NEW
    soon = AT + CONTACT_WAIT
    with pytest.raises(NoContact, match="less than 72 hours ago"):
        issue(pat, organization=EARLY, send=True, at=soon - SECOND)
    assert issue(OPERATOR, organization=EARLY, send=True, at=AT).sent_to == "nell@alder.example"
    assert issue(pat, organization=EARLY, send=True, at=soon).sent_to == "nell@alder.example"


@pytest.mark.parametrize("address", ["PAT@juniper.example", "pat.private@example.org"])
@pytest.mark.parametrize("is_former", [False, True])
def test_program_staff_are_no_contacts(world, actor, address, is_former):
    """Neither the address that they sign in with, nor another one that is theirs; nor after they have left."""
    pia = second_staff()
    EmailAddress.objects.create(user_id=world.people["pat"].id, email="Pat.Private@example.org", verified=True)
    if is_former:
        revoke_role(OPERATOR, email="pat@juniper.example", organization=None, role=Role.PROGRAM_STAFF, at=AT)
    with pytest.raises(ContactRefused, match="program staff"):
        ask_contact(pia, organization=EARLY, name="Pat", email=address, reason="Why not?", at=AT)
    # Also where the operator's file names such an address.
    with_contact(EARLY, address.lower())
    for who in (pia, OPERATOR):
        with pytest.raises(NoContact, match="program staff"):
            issue(who, organization=EARLY, send=True, at=AT)
    assert issue_many(OPERATOR, under=EARLY, send=True, at=AT)[0].sent_to == ""
    assert issue_many(pia, under=EARLY, send=True, only_with_contact=True, at=AT) == ()


def test_a_file_of_organizations_that_names_other_contacts_tells_the_old_ones(world):
    with_contact(EARLY)
    with_contact("ALDER-HIGH")
    Organization.objects.filter(code=EARLY).update(contact_codes_from=AT + CONTACT_WAIT)
    head = "kind,organization_id,name,parent_id,ai_code,city,state,zip,contact_email\n"
    load(
        f"{head}school,ALDER-EARLY,Alder Early College,D-ALDER,000905,Alder,WV,25310,nell@alder.example\n"
        "school,ALDER-HIGH,Alder High School,D-ALDER,470001,Alder,WV,25310,\n"
    )
    (told,) = values("contact-changed")
    assert sorted(told["changes"]) == [
        "Alder Early College: principal@alder.example → nell@alder.example",
        "Alder High School: principal@alder.example → –",
    ]
    assert mails() == [("contact-changed", "principal")]
    assert len(events_of(verb=Verb.CONTACT_CHANGED)) == 2
    assert Organization.objects.get(code=EARLY).contact_codes_from is None


# --- Everybody of the line is told -------------------------------------------------------------------------------


def test_codes_that_the_operator_prints_are_told_to_the_school(world):
    with_contact(EARLY)
    give("dan", "D-ALDER")
    issue(OPERATOR, organization=EARLY, at=AT)
    assert sorted(mails()) == [("access-code-issued", "dan"), ("access-code-issued", "principal")]
    issue(OPERATOR, organization=EARLY, send=True, at=AT)
    assert len(values("access-code-issued")) == 2
    issue_many(OPERATOR, under="D-ALDER", at=AT)
    # Dan manages the whole district: one email names all its codes.
    assert [kind for kind, name in mails() if name == "dan"] == ["access-code-issued"] * 2
    lists = [told["organizations"] for told in values("access-code-issued")]
    assert ["Alder Early College", "Alder High School", "Alder School District"] in map(sorted, lists)


def test_a_redeemed_code_and_the_first_report_role_are_told_to_the_contact(world, actor):
    with_contact(EARLY)
    use(actor("nora"), issue(OPERATOR, organization=EARLY, send=True, at=AT).code)
    (told,) = values("access-code-redeemed")
    assert (told["person"], told["is_request"], told["is_manager"]) == ("Nora <nora@juniper.example>", False, False)
    give("fay", EARLY, Role.FILE_DOWNLOADS)
    for person, role in (("nora", Role.DETAILED_REPORTS), ("fay", Role.SUMMARY_REPORTS)):
        email = f"{person}@juniper.example"
        assign_roles(world.actor("nora"), email=email, organization=EARLY, roles=[role], at=AT)
    (first,) = values("first-report-role")
    assert (first["manager"], first["person"]) == ("Nora <nora@juniper.example>",) * 2
    assert ("first-report-role", "principal") in mails()


def test_a_first_report_role_for_another_account_is_told_as_well(world, actor):
    give("dan", "D-ALDER")
    give("nora", EARLY)
    give("fay", EARLY, Role.FILE_DOWNLOADS)
    assign_roles(actor("nora"), email="fay@juniper.example", organization=EARLY, roles=[Role.DETAILED_REPORTS], at=AT)
    (first,) = values("first-report-role")
    assert (first["manager"], first["person"]) == ("Nora <nora@juniper.example>", "Fay <fay@juniper.example>")
    assert [one for one in mails() if one[0] == "first-report-role"] == [("first-report-role", "dan")]


def test_a_new_name_makes_no_report_role_the_first_one_again(world, actor):
    give("nora", EARLY)
    for person in ("fay", "dan"):
        give(person, EARLY, Role.FILE_DOWNLOADS)
    assign_roles(actor("nora"), email="fay@juniper.example", organization=EARLY, roles=[Role.DETAILED_REPORTS], at=AT)
    rename(actor("nora"), name="Nora Newname", at=AT)
    assign_roles(actor("nora"), email="dan@juniper.example", organization=EARLY, roles=[Role.DETAILED_REPORTS], at=AT)
    assert len(values("first-report-role")) == 1


def test_what_another_person_of_that_name_gave_does_not_count(world, actor):
    give("dan", EARLY, Role.SUMMARY_REPORTS)
    give("fay", EARLY, Role.FILE_DOWNLOADS)
    Membership.objects.filter(organization__code=EARLY).update(
        granted_by="Nora <nora@juniper.example>", granted_by_id=world.people["max"].id
    )
    give("nora", EARLY)
    assign_roles(actor("nora"), email="fay@juniper.example", organization=EARLY, roles=[Role.DETAILED_REPORTS], at=AT)
    assert len(values("first-report-role")) == 1


def test_a_report_role_that_had_ended_is_a_first_one_when_it_is_given_again(world, actor):
    give("nora", EARLY)
    give("fay", EARLY, Role.FILE_DOWNLOADS)
    give("fay", EARLY, Role.DETAILED_REPORTS)
    reports = Membership.objects.filter(organization__code=EARLY, role=Role.DETAILED_REPORTS.value)
    reports.update(ends_on=AT.date() - dt.timedelta(days=9), granted_by_id=None)
    renew_role(actor("nora"), membership_id=reports.get().pk, at=AT)
    (first,) = values("first-report-role")
    assert (first["manager"], first["person"]) == ("Nora <nora@juniper.example>", "Fay <fay@juniper.example>")
    assert reports.get().granted_by_id == world.people["nora"].id


def test_where_there_is_nobody_to_tell_program_staff_are(world, actor):
    use(actor("nora"), issue(OPERATOR, organization=EARLY, at=AT).code)
    assert mails() == [("access-code-redeemed", "pat")]


# --- Installations from before ------------------------------------------------------------------------------------


def test_upgrading_revokes_codes_that_one_member_of_staff_let_out(world, actor):
    with_contact(EARLY)
    pat = actor("pat")
    printed = code_for(pat)
    elsewhere, sent = code_for(pat), issue(pat, organization=EARLY, send=True, at=AT)
    AccessCode.objects.filter(pk=elsewhere.id).update(sent_to="eve@juniper.example")
    by_command = issue(OPERATOR, organization=EARLY, at=AT)
    used = code_for(pat)
    use(actor("nora"), used.code)
    AccessCode.objects.update(issued_by_id=None)
    upgrade = import_module("scoreport.organizations.migrations.0006_revoke_unapproved_codes")
    upgrade.fill_issuers(apps, None)
    upgrade.revoke_unapproved(apps, None)
    revoked = AccessCode.objects.filter(revoked_at__isnull=False)
    assert set(revoked.values_list("pk", flat=True)) == {printed.id, elsewhere.id}
    assert set(revoked.values_list("revoked_by", flat=True)) == {upgrade.REVOKED_BY}
    assert AccessCode.objects.get(pk=sent.id).issued_by_id == world.people["pat"].id
    assert AccessCode.objects.get(pk=by_command.id).issued_by_id is None


def test_upgrading_finds_who_gave_a_role_by_the_names_in_the_log(world, actor):
    give("nora", EARLY)
    give("fay", EARLY, Role.FILE_DOWNLOADS)
    nora = actor("nora")
    assign_roles(nora, email="fay@juniper.example", organization=EARLY, roles=[Role.DETAILED_REPORTS], at=AT)
    rename(nora, name="Nora Newname", at=AT)
    given = Membership.objects.get(organization__code=EARLY, role=Role.DETAILED_REPORTS.value)
    upgrade = import_module("scoreport.organizations.migrations.0008_givers_of_roles")
    for others in ((), (world.people["max"].id,)):
        PersonName.objects.bulk_create(PersonName(person_id=number, text=given.granted_by) for number in others)
        Membership.objects.update(granted_by_id=None)
        upgrade.fill_givers(apps, None)
        given.refresh_from_db()
        # A name that two people have had says nothing.
        assert given.granted_by_id == (None if others else nora.person_id)
    assert not Membership.objects.filter(granted_by__startswith="scoreport ", granted_by_id__isnull=False).exists()
