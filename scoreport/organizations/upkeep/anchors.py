"""The daily anchor of the recorded events: written to a file outside the database, and mailed to chosen addresses."""

import datetime as dt
import logging
from typing import Final

from django.conf import settings
from django.db import transaction

from scoreport.access import Actor
from scoreport.audit import actions as audit
from scoreport.audit.anchors import deviations_since_last, last_noted
from scoreport.audit.rules import AnchorInfo
from scoreport.organizations.upkeep import once
from scoreport.outbox.actions import post
from scoreport.outbox.rules import MailKind

_EVERY: Final = dt.timedelta(days=1)
_logger = logging.getLogger(__name__)


def write_daily(actor: Actor, at: dt.datetime) -> tuple[int, int]:
    """Write the anchor of the day unless there is one; return how many were written, and how many events are wrong.

    Only events since the last anchor are looked at; ``scoreport verify`` looks at all of them.
    """
    last = last_noted()
    if last is not None and at - last.at < _EVERY:
        return 0, 0
    with transaction.atomic():
        if not once.claim(f"anchor:{at.astimezone(dt.UTC).date()}", at):
            return 0, 0
        wrong = deviations_since_last()
        if wrong:
            _logger.error("%d recorded events since the last anchor are wrong; run scoreport verify", wrong)
        send(actor, audit.write_anchor(actor, at=at), wrong=wrong, at=at)
    return 1, wrong


def send(actor: Actor, anchor: AnchorInfo, *, wrong: int, at: dt.datetime) -> None:
    """Email a copy of an anchor to the chosen addresses, in the caller's transaction.

    The object storage gets its copies after it (:func:`scoreport.audit.actions.copy_anchors`): what it lacks is
    copied by each run, so an outage loses none.
    """
    for address in settings.AUDIT_ANCHOR_MAIL:
        post(
            actor, kind=MailKind.AUDIT_ANCHOR, to=address, at=at, line=anchor.line, events=anchor.events, wrong=wrong,
            is_restore=anchor.since is not None,
        )  # fmt: skip


__all__ = ["send", "write_daily"]
