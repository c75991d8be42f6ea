"""Events in which the acting person is also the subject."""

import datetime as dt

from scoreport.access import Actor
from scoreport.audit.actions import record
from scoreport.audit.rules import Detail, Verb


def record_own(actor: Actor, *, verb: Verb, at: dt.datetime, **detail: Detail) -> None:
    """Record what a person did to their own account or session, in the caller's transaction."""
    record(
        actor, verb=verb, at=at, organization="", subject_kind="person", subject=actor.name,
        subject_id=actor.person_id or "", **detail,
    )  # fmt: skip
