"""Mails: written with what they tell of, sent once, tried again, never kept with their secrets."""

import datetime as dt
import smtplib

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from scoreport.lib import mail
from scoreport.outbox import actions, delivery, queries
from scoreport.outbox.models import Mail
from scoreport.outbox.rules import MailKind, MailState
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

TO = "amy@juniper.example"
VALUES = {"organization": "Alder & <Sons>", "role": "Detailed Reports (K–12)", "by": "Max"}


def post(**changes):
    with transaction.atomic():
        return actions.post(
            OPERATOR, kind=MailKind.ROLE_REVOKED, to=TO, at=AT, about="membership:1", **VALUES | changes
        )


def test_a_mail_is_sent_after_the_commit(postman, run_tasks):
    number = post()
    assert not postman.mails
    run_tasks()
    (came,) = postman.to(TO)
    assert came["Subject"] == "Your access to Alder & <Sons> has ended"
    assert "Max took away your role Detailed Reports (K–12) at Alder & <Sons>." in came.get_content()
    stored = Mail.objects.get(pk=number)
    assert (stored.state, stored.sealed, stored.message_id) == (MailState.SENT, "", came["Message-ID"])


@pytest.mark.parametrize(
    ("language", "subject"),
    [("en", "Your access to Alder & <Sons> has ended"), ("es", "Su acceso a Alder & <Sons> ha terminado")],
)
def test_it_speaks_the_language_of_its_reader(postman, run_tasks, language, subject):
    with transaction.atomic():
        actions.post(OPERATOR, kind=MailKind.ROLE_REVOKED, to=TO, at=AT, language=language, **VALUES)
    run_tasks()
    assert postman.mails[0]["Subject"] == subject


def test_what_was_rolled_back_is_never_told(postman, run_tasks):
    def give_up():
        with transaction.atomic():
            post()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert run_tasks() == 0
    assert not Mail.objects.exists()


def test_a_mail_belongs_to_a_transaction(transactional_db):
    with pytest.raises(TransactionManagementError):
        actions.post(OPERATOR, kind=MailKind.ROLE_REVOKED, to=TO, at=AT, **VALUES)


def test_a_mail_gets_exactly_what_it_needs():
    with pytest.raises(TypeError, match="role-revoked"):
        post(surprise="yes")


def test_secrets_are_stored_sealed():
    number = post(organization="A secret word")
    assert "secret" not in Mail.objects.get(pk=number).sealed


def test_an_address_that_does_not_exist_bounces(postman, run_tasks):
    postman.refused[TO] = "550 no such mailbox"
    post()
    run_tasks()
    told = queries.newest_about(["membership:1"])["membership:1"]
    assert (told.state, told.reason) == (MailState.BOUNCED, "no such mailbox")


def test_a_server_that_is_busy_is_asked_again(postman):
    postman.refused[TO] = "451 try again later"
    number = post()
    again = delivery.deliver(number, at=AT)
    assert again == AT + dt.timedelta(minutes=1)
    postman.refused.clear()
    assert delivery.deliver(number, at=again) is None
    assert len(postman.mails) == 1
    assert delivery.deliver(number, at=again) is None
    assert len(postman.mails) == 1


def test_without_a_mail_server_a_mail_is_given_up_after_days(settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1},
        }
    }
    number, at, tries = post(), AT, 0
    while again := delivery.deliver(number, at=at):
        at, tries = again, tries + 1
    assert tries == 7
    assert at - AT > dt.timedelta(days=1)
    assert Mail.objects.get(pk=number).state == MailState.GIVEN_UP


def test_who_dies_right_after_sending_sends_the_same_message_again(postman, monkeypatch):
    number = post()
    sent = []

    def die(*, message_id, **_message):
        sent.append(message_id)
        raise KeyboardInterrupt

    monkeypatch.setattr(mail, "send", die)
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver(number, at=AT)
    monkeypatch.undo()
    delivery.deliver(number, at=AT)
    assert [postman.mails[0]["Message-ID"]] == sent


def test_a_lost_task_is_found(postman, run_tasks):
    from django_tasks_db.models import DBTaskResult

    post()
    DBTaskResult.objects.all().delete()
    assert actions.resume(OPERATOR, at=AT + dt.timedelta(minutes=5)) == 0
    assert actions.resume(OPERATOR, at=AT + dt.timedelta(minutes=11)) == 1
    run_tasks()
    assert len(postman.mails) == 1


def test_a_mail_that_came_back_is_known_by_its_id(postman, run_tasks):
    number = post()
    run_tasks()
    assert actions.bounced(OPERATOR, message_id=postman.mails[0]["Message-ID"], reason="mailbox full")
    assert not actions.bounced(OPERATOR, message_id="<not-ours@elsewhere.example>", reason="mailbox full")
    assert Mail.objects.get(pk=number).state == MailState.BOUNCED


def test_no_name_can_write_a_header(postman, run_tasks):
    post(organization="Alder\r\nBcc: evil@evil.example")
    run_tasks()
    assert postman.mails[0]["Bcc"] is None


def test_a_broken_template_is_an_error_and_not_an_empty_mail(monkeypatch):
    number = post()
    monkeypatch.setattr(delivery, "unsealed", lambda _text: {})
    with pytest.raises(Exception, match="organization"):
        delivery.deliver(number, at=AT)
    assert Mail.objects.get(pk=number).state == MailState.WAITING


def test_smtplib_errors_are_os_errors():
    """What the delivery leans on."""
    assert issubclass(smtplib.SMTPException, OSError)
