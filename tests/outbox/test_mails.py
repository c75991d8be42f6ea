"""Every mail as its readers get it, in both languages."""

import datetime as dt

import pytest

from scoreport.lib import mail
from scoreport.outbox.rules import NEEDS, MailKind

END = dt.date(2028, 6, 30)
SAMPLES = {
    "address": "470001",
    "seen": dt.datetime(2026, 11, 21, 17, tzinfo=dt.UTC),
    "by": "Max Maple <max@juniper.example>",
    "code": "ABCD-EFGH-KLMN-PQRS",
    "changes": ["Alder High School: old@alder.example → new@alder.example"],
    "contact": "Nora North",
    "covers_remote": True,
    "days": 14,
    "device": "Firefox on Windows",
    "due": dt.date(2026, 11, 25),
    "ends": END,
    "exports": ["Nov 20, 2026, 3:00 PM Eastern: Dan <dan@juniper.example>, roster of Alder, rows: 12,400, CSV"],
    "expires": dt.datetime(2026, 11, 28, 17, tzinfo=dt.UTC),
    "first": dt.date(2026, 11, 20),
    "invited": "new@juniper.example",
    "inviter": "Max Maple",
    "is_confirmed": True,
    "is_granted": True,
    "events": 1234,
    "is_restore": True,
    "line": '{"kind": "anchor", "event": 1234}',
    "wrong": 2,
    "last": dt.date(2026, 11, 20),
    "is_manager": True,
    "is_new": True,
    "is_request": True,
    "manager": "Max Maple <max@juniper.example>",
    "managers": ["Max Maple <max@juniper.example>"],
    "more": 2,
    "most": "$3,175.00",
    "number": "1001",
    "open": 3,
    "order": "ABCD-EFGH",
    "organization": "Alder High School",
    "organizations": ["Alder High School", "Alder Early College: nora@juniper.example"],
    "other": "bea@juniper.example",
    "person": "Amy Alder <amy@juniper.example>",
    "place": "192.0.2.1",
    "purchase_order": "PO 7",
    "quantity": "25",
    "role": "Detailed Reports (K–12)",
    "roles": ["Detailed Reports (K–12)", "Summary Reports (K–12)"],
    "sentence": "Welcome to the team.",
    "staff": "Pat Poplar",
    "subject": "Your code",
    "text": "The words of sign-in.",
    "ticket": "1001",
    "token": "token-of-the-link",
    "tool": "Managing Access to support K–12 Assessment Reporting",
    "views": ["Nov 20, 2026: Dan <dan@juniper.example>, roster of Alder, rows: 2,450, pages: 49"],
    "why": "I advise the seniors.",
    "wish": "Detailed Reports (K–12)",
}
# A mail whose instant is an end, not a day.
OWN: dict[MailKind, dict[str, object]] = {
    MailKind.ACCESS_CODE_REDEEMED: {"code": "PQRS"},
    MailKind.SUPPORT_ALLOWED: {"ends": SAMPLES["expires"]},
    MailKind.SUPPORT_BEGUN: {"ends": SAMPLES["expires"]},
    MailKind.VOUCHERS_ORDERED: {"expires": dt.date(2027, 6, 30)},
}


def values_of(kind):
    own = OWN.get(kind, {})
    return {name: own.get(name, SAMPLES[name]) for name in sorted(NEEDS[kind])}


def written(kind, language):
    subject, text = mail.render(f"mail/{kind.value}.txt", values_of(kind), language=language)
    return f"=== {kind.value} ({language})\nSubject: {subject}\n\n{text}\n"


@pytest.mark.golden
def test_the_mails_are_those_that_were_agreed(golden):
    golden("mails.txt", "".join(written(kind, language) for kind in MailKind for language in ("en", "es")))


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_is_plain_and_whole(kind):
    for language in ("en", "es"):
        subject, text = mail.render(f"mail/{kind.value}.txt", values_of(kind), language=language)
        # A subject that has swallowed its text is long, or ends like a sentence.
        assert 10 <= len(subject) <= 120 or kind is MailKind.ACCOUNT_NOTICE
        assert not subject.endswith(".")
        assert text.strip()
        assert "&amp;" not in text
        assert "\n\n\n\n" not in text
        assert "%(" not in text
