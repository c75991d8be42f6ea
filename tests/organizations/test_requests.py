"""Asking for a code or a role, taking that back, and what program staff answer."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from scoreport.access import NotAllowed, Role
from scoreport.accounts.models import User
from scoreport.approvals.actions import ApprovalNeeded
from scoreport.audit.queries import events_of
from scoreport.organizations.actions import NoSuchRole, grant_role, revoke_role
from scoreport.organizations.actions import requests as asking
from scoreport.organizations.actions.requests import (
    AnsweredAlready,
    AskedAlready,
    HasRole,
    NobodyToAsk,
    NothingSaid,
    TooManyRequests,
)
from scoreport.organizations.code_delivery import InstitutionUnknown
from scoreport.organizations.models import AccessCode, AccessRequest
from scoreport.organizations.queries.requests import UnknownRequest, code_request, code_requests, requests_of
from scoreport.organizations.rules.requests import AnswerState
from scoreport.outbox.contents import unsealed
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailKind
from tests.organizations.entering import may_send, use
from tests.world import AT

WHY = "I am the new principal."


def ask_code(actor, at=AT, **wanted):
    return asking.ask_code(actor, **{"organization": "000905", "title": "Principal", "why": WHY, "at": at, **wanted})


def ask_role(actor, at=AT, **wanted):
    given = {"organization": "470001", "role": Role.DETAILED_REPORTS, "title": "Counselor", "why": WHY, "at": at}
    return asking.ask_role(actor, **{**given, **wanted})


def mails(kind):
    return [(mail.to, unsealed(mail.sealed)) for mail in Mail.objects.filter(kind=kind.value).order_by("to")]


def test_a_request_for_a_code_waits_for_program_staff(world, actor):
    number = ask_code(actor("nora"))
    found, total = code_requests(actor("pat"), is_open=True, first=0, limit=10)
    assert (total, [(info.id, info.person, info.place_name, info.why) for info in found]) == (
        1, [(number, "Nora", "Alder Early College", WHY)],
    )  # fmt: skip
    assert [info.state for info in requests_of(actor("nora"))] == [AnswerState.OPEN]
    assert requests_of(actor("fay")) == ()
    for name in ("nora", "max"):
        with pytest.raises(NotAllowed):
            code_requests(actor(name), is_open=True, first=0, limit=10)


def test_an_institution_that_is_not_on_file_is_typed(world, actor):
    with pytest.raises(NothingSaid, match="institution"):
        ask_code(actor("nora"), organization=None, institution=" ")
    number = ask_code(actor("nora"), organization=None, institution="Cedar Falls  High")
    assert code_request(actor("pat"), number).place_name == "Cedar Falls High"
    with pytest.raises(AskedAlready):
        ask_code(actor("nora"), organization=None, institution="Cedar Falls High")
    with pytest.raises(InstitutionUnknown):
        asking.send_code(actor("pat"), request_id=number, at=AT)
    # It came onto file meanwhile, or is there under another name.
    may_send(actor("pat"), number, "000905")
    issued = asking.send_code(actor("pat"), request_id=number, organization="000905", at=AT)
    assert issued.organization.code == "ALDER-EARLY"


def test_program_staff_send_a_code_to_whoever_asked(world, actor):
    User.objects.filter(name="Nora").update(language="es")
    number = ask_code(actor("nora"))
    with pytest.raises(ApprovalNeeded):
        asking.send_code(actor("pat"), request_id=number, at=AT)
    may_send(actor("pat"), number)
    issued = asking.send_code(actor("pat"), request_id=number, at=AT)
    assert issued.sent_to == "nora@juniper.example"
    ((to, values),) = mails(MailKind.ACCESS_CODE)
    assert (to, values["code"], values["contact"]) == ("nora@juniper.example", issued.code, "Nora")
    assert Mail.objects.get(kind=MailKind.ACCESS_CODE.value).language == "es"
    assert use(actor("nora"), issued.code).organization.code == "ALDER-EARLY"
    (info,) = requests_of(actor("nora"))
    assert (info.state, info.answered_by) == (AnswerState.GRANTED, actor("pat").name)
    # Nobody answers twice.
    for act in (
        lambda: asking.send_code(actor("pat"), request_id=number, at=AT),
        lambda: asking.decline_code(actor("pat"), request_id=number, sentence="No.", at=AT),
        lambda: asking.withdraw(actor("nora"), request_id=number, at=AT),
    ):
        with pytest.raises(AnsweredAlready):
            act()
    assert AccessCode.objects.count() == 1


def test_program_staff_decline_with_a_sentence(world, actor):
    number = ask_code(actor("nora"))
    with pytest.raises(NothingSaid):
        asking.decline_code(actor("pat"), request_id=number, sentence=" ", at=AT)
    asking.decline_code(actor("pat"), request_id=number, sentence="Ask your district first.", at=AT)
    ((to, values),) = mails(MailKind.ACCESS_REQUEST_ANSWERED)
    assert (to, values["is_granted"], values["sentence"]) == ("nora@juniper.example", False, "Ask your district first.")
    assert not AccessCode.objects.exists()
    found, total = code_requests(actor("pat"), is_open=False, first=0, limit=10)
    assert (total, found[0].answer) == (1, "Ask your district first.")


@pytest.mark.parametrize("name", ["nora", "max", "amy"])
def test_only_program_staff_answer(world, actor, name):
    number = ask_code(actor("nora"))
    with pytest.raises(NotAllowed):
        asking.send_code(actor(name), request_id=number, at=AT)
    with pytest.raises(NotAllowed):
        asking.decline_code(actor(name), request_id=number, sentence="No.", at=AT)
    assert AccessRequest.objects.get().state == AnswerState.OPEN


def test_a_request_for_a_role_goes_to_the_nearest_managers(world, actor, operator):
    for name, place in (("dan", "D-ALDER"), ("sam", "ST")):
        grant_role(operator, email=f"{name}@juniper.example", organization=place, role=Role.ACCESS_MANAGER, at=AT)
    ask_role(actor("nora"))
    ((to, values),) = mails(MailKind.ACCESS_REQUESTED)
    assert (to, values["address"], values["role"], values["why"]) == (
        "max@juniper.example", "470001", "Detailed Reports (K–12)", WHY,
    )  # fmt: skip
    assert values["person"] == "Nora <nora@juniper.example>"
    # A school without one of its own: the district's.
    ask_role(actor("nora"), organization="000905")
    assert [to for to, _values in mails(MailKind.ACCESS_REQUESTED)] == ["dan@juniper.example", "max@juniper.example"]
    events = events_of(organization="ALDER-HIGH", limit=1)
    assert events[0].facts.detail == {"asked_for": "role", "role": "detailed-reports"}


def test_a_role_is_not_asked_for_in_vain(world, actor, operator):
    with pytest.raises(NoSuchRole):
        ask_role(actor("nora"), role=Role.PROGRAM_STAFF)
    with pytest.raises(HasRole):
        ask_role(actor("amy"))
    with pytest.raises(NobodyToAsk):
        ask_role(actor("nora"), organization="000905")
    with pytest.raises(NothingSaid):
        ask_role(actor("nora"), why="\n ")
    assert not AccessRequest.objects.exists()
    # Other roles, and a role that was taken away, may be asked for.
    assert ask_role(actor("amy"), role=Role.ACCESS_MANAGER)
    revoke_role(operator, email="amy@juniper.example", organization="470001", role=Role.DETAILED_REPORTS, at=AT)
    assert ask_role(actor("amy"))
    with pytest.raises(AskedAlready):
        ask_role(actor("amy"))


def test_nobody_floods_the_managers_with_mails(world, actor):
    for _time in range(10):
        asking.withdraw(actor("nora"), request_id=ask_role(actor("nora")), at=AT)
    with pytest.raises(TooManyRequests):
        ask_role(actor("nora"))
    assert Mail.objects.count() == 10
    assert ask_role(actor("fay"))
    assert ask_role(actor("nora"), at=AT + dt.timedelta(hours=24))


def test_one_withdraws_what_one_asked_for_and_nothing_else(world, actor):
    number = ask_code(actor("nora"))
    with pytest.raises(UnknownRequest):
        asking.withdraw(actor("fay"), request_id=number, at=AT)
    with pytest.raises(UnknownRequest):
        asking.withdraw(actor("nora"), request_id=number + 1, at=AT)
    asking.withdraw(actor("nora"), request_id=number, at=AT)
    with pytest.raises(AnsweredAlready):
        asking.withdraw(actor("nora"), request_id=number, at=AT)
    assert code_requests(actor("pat"), is_open=True, first=0, limit=10) == ((), 0)
    # Having thought better of it, one may ask anew.
    assert ask_code(actor("nora")) != number


def test_nobody_asks_without_a_confirmed_address(world, actor, operator):
    with pytest.raises(NotAllowed):
        ask_code(operator)
    EmailAddress.objects.filter(user__name="Nora").update(verified=False)
    for ask in (ask_code, ask_role):
        with pytest.raises(NotAllowed, match="Confirm"):
            ask(actor("nora"))
