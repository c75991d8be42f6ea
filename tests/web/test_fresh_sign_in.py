"""Data of many students is taken out after a sign-in that is minutes old, not hours."""

import datetime as dt

import pytest

from scoreport import access
from scoreport.access import Actor, ActorKind, NotAllowed
from tests.world import AT

WITHIN = dt.timedelta(minutes=15)


def person(signed_in_at):
    return Actor(kind=ActorKind.PERSON, name="amy", person_id=1, signed_in_at=signed_in_at)


def test_a_sign_in_is_fresh_for_fifteen_minutes():
    access.require_fresh_sign_in(person(AT - WITHIN), within=WITHIN, at=AT)
    for stale in (person(AT - WITHIN - dt.timedelta(seconds=1)), person(None)):
        with pytest.raises(NotAllowed) as refusal:
            access.require_fresh_sign_in(stale, within=WITHIN, at=AT)
        assert refusal.value.needs_fresh_sign_in


def test_commands_and_jobs_have_nothing_to_confirm():
    for actor in (access.command("tests"), Actor(kind=ActorKind.JOB, name="amy", person_id=1)):
        access.require_fresh_sign_in(actor, within=WITHIN, at=AT)
