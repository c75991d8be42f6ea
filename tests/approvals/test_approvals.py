"""What needs two people is done by two: nobody approves their own request, and an approval is good once."""

import datetime as dt

import pytest
from django.db import transaction

from scoreport.access import NotAllowed
from scoreport.approvals import actions, queries
from scoreport.approvals.actions import AnsweredAlready, ApprovalNeeded, OwnRequest, ReasonMissing
from scoreport.approvals.queries import UnknownApproval
from scoreport.approvals.rules import OPEN_FOR, USABLE_FOR, ApprovalKind, ApprovalState
from scoreport.audit.models import Event
from scoreport.organizations.queries import find
from scoreport.outbox.models import Mail
from tests.approvals.second import second_staff
from tests.organizations.managing import accept_terms

SECOND = dt.timedelta(seconds=1)
WHAT = {"file": 7, "list": "refused"}


def ask(actor, at, **changed):
    wanted = {
        "kind": ApprovalKind.FILE_ROWS,
        "subject": "Take out all refused rows of file 7",
        "reason": "The school asked for them.",
        "parameters": WHAT,
    }
    return actions.ask(actor, at=at, **(wanted | changed))


def use(actor, at, parameters=WHAT):
    with transaction.atomic():
        actions.require_approved(actor, kind=ApprovalKind.FILE_ROWS, parameters=parameters, at=at)


def test_an_approved_act_is_done_once(actor, at):
    pat, pia = actor("pat"), second_staff()
    with pytest.raises(ApprovalNeeded):
        use(pat, at)
    info = ask(pat, at)
    with pytest.raises(ApprovalNeeded):
        use(pat, at)
    actions.approve(pia, approval_id=info.id, at=at)
    use(pat, at)
    with pytest.raises(ApprovalNeeded):
        use(pat, at)
    assert queries.approval(pat, info.id, at=at).state is ApprovalState.USED
    verbs = [verb for verb in Event.objects.order_by("id").values_list("verb", flat=True) if "approvals:" in verb]
    assert verbs == ["approvals:request:asked", "approvals:request:approved", "approvals:request:used"]


def test_nobody_approves_their_own_request(actor, at):
    pat = actor("pat")
    info = ask(pat, at)
    with pytest.raises(OwnRequest):
        actions.approve(pat, approval_id=info.id, at=at)
    assert queries.waiting(pat, at=at) == []
    with pytest.raises(ApprovalNeeded):
        use(pat, at)


def test_an_approval_is_for_its_requester_and_its_parameters_only(actor, at):
    pat, pia = actor("pat"), second_staff()
    actions.approve(pia, approval_id=ask(pat, at).id, at=at)
    with pytest.raises(ApprovalNeeded):
        use(pia, at)
    with pytest.raises(ApprovalNeeded):
        use(pat, at, {**WHAT, "file": 8})
    use(pat, at)


def test_people_without_the_right_cannot_find_a_request(actor, at):
    info = ask(actor("pat"), at)
    for name in ("amy", "max", "nora"):
        with pytest.raises(UnknownApproval):
            actions.approve(actor(name), approval_id=info.id, at=at)
        assert queries.waiting(actor(name), at=at) == []


def test_a_manager_approves_for_their_own_line_and_needs_a_second_factor(world, actor, at):
    place = find("ALDER-HIGH")
    accept_terms(world.people["max"].id)
    export = {"kind": ApprovalKind.ROSTER_EXPORT, "organization": place.code, "place": place.place}
    info = ask(actor("amy"), at, **export)
    birch = find("BIRCH-HIGH")
    foreign = ask(actor("bea"), at, **(export | {"organization": birch.code, "place": birch.place}))
    assert [one.id for one in queries.waiting(actor("max"), at=at)] == [info.id]
    with pytest.raises(UnknownApproval):
        actions.approve(actor("max"), approval_id=foreign.id, at=at)
    with pytest.raises(NotAllowed):
        actions.approve(world.actor("max", second_factor=False), approval_id=info.id, at=at)
    assert actions.approve(actor("max"), approval_id=info.id, at=at).state is ApprovalState.APPROVED


def test_requests_and_approvals_expire(actor, at):
    pat, pia = actor("pat"), second_staff()
    info = ask(pat, at)
    with pytest.raises(AnsweredAlready):
        actions.approve(pia, approval_id=info.id, at=at + OPEN_FOR)
    again = ask(pat, at + OPEN_FOR)
    assert again.id != info.id
    actions.approve(pia, approval_id=again.id, at=at + OPEN_FOR)
    with pytest.raises(ApprovalNeeded):
        use(pat, at + OPEN_FOR + USABLE_FOR)
    use(pat, at + OPEN_FOR + USABLE_FOR - SECOND)


def test_a_declined_or_withdrawn_request_allows_nothing(actor, at):
    pat, pia = actor("pat"), second_staff()
    info = ask(pat, at)
    actions.decline(pia, approval_id=info.id, sentence="Ask the school itself.", at=at)
    with pytest.raises(ApprovalNeeded):
        use(pat, at)
    again = ask(pat, at)
    actions.approve(pia, approval_id=again.id, at=at)
    actions.withdraw(pat, approval_id=again.id, at=at)
    with pytest.raises(ApprovalNeeded):
        use(pat, at)
    with pytest.raises(AnsweredAlready):
        actions.approve(pia, approval_id=again.id, at=at)


def test_the_same_request_is_made_once_and_needs_a_reason(actor, at):
    pat = actor("pat")
    with pytest.raises(ReasonMissing):
        ask(pat, at, reason=" ")
    assert ask(pat, at).id == ask(pat, at).id


def test_both_sides_get_an_email_without_student_data(actor, at):
    pat, pia = actor("pat"), second_staff()
    info = ask(pat, at, approvers=[actions.Reader("pia@juniper.example", "en")])
    actions.approve(pia, approval_id=info.id, at=at)
    mails = Mail.objects.filter(about=f"approval:{info.id}").order_by("id").values_list("kind", "to")
    assert list(mails) == [("approval-asked", "pia@juniper.example"), ("approval-answered", "pat@juniper.example")]


def test_a_message_reaches_the_requester_with_either_answer(actor, at, postman, run_tasks):
    pat, pia = actor("pat"), second_staff()
    for answer, sentence in ((actions.approve, "Only this once."), (actions.decline, "Ask the school itself.")):
        info = ask(pat, at, parameters={"file": 7, "list": answer.__name__})
        answer(pia, approval_id=info.id, sentence=f" {sentence} ", at=at)
        assert queries.approval(pat, info.id, at=at).answer == sentence
        run_tasks()
        assert sentence in postman.to("pat@juniper.example")[-1].get_content()


def test_the_operator_is_the_second_person_where_there_is_none(actor, operator, at):
    pat = actor("pat")
    actions.approve(operator, approval_id=ask(pat, at).id, at=at)
    use(pat, at)
