"""Mails that came back, as mail servers tell it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.outbox.returned import Returned, read

NOTIFICATION = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sat, 21 Nov 2026 12:00:00 -0500

Final-Recipient: rfc822; new@juniper.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <new@juniper.example>: no such
    mailbox here

--b
Content-Type: message/rfc822

Message-ID: <abc@scores.example>
Subject: An invitation

Hello.
--b--
"""
SAID = Returned("<abc@scores.example>", "550 5.1.1 <new@juniper.example>: no such mailbox here")


def said(text):
    return read(io.BytesIO(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        NOTIFICATION,
        NOTIFICATION.replace("\n", "\r\n"),
        NOTIFICATION.replace("message/rfc822", "text/rfc822-headers"),
        NOTIFICATION.replace("Action: failed", "ACTION:  Failed"),
    ],
)
def test_a_notification_is_read(text):
    assert said(text) == SAID


def test_without_words_the_status_is_the_reason():
    assert said(NOTIFICATION.replace("Diagnostic-Code", "X-Other")) == Returned("<abc@scores.example>", "5.1.1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Subject: Hello\n\nNo report at all.",
        NOTIFICATION.replace("Action: failed", "Action: delayed"),
        NOTIFICATION.replace("message/delivery-status", "text/plain"),
        NOTIFICATION.replace("Message-ID: <abc@scores.example>\n", ""),
    ],
)
def test_anything_else_is_none(text):
    assert said(text) is None


@given(st.binary(max_size=400), st.integers(0, len(NOTIFICATION)))
def test_whatever_comes_nothing_breaks(noise, place):
    read(io.BytesIO(noise))
    content = NOTIFICATION.encode()
    found = read(io.BytesIO(content[:place] + noise + content[place:]))
    assert found is None or len(found.reason) <= 300
