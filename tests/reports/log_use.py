"""Sessions in which people use their roles, for the tests of the access log."""

import datetime as dt
from dataclasses import replace

from scoreport.accounts.actions import signed_in
from scoreport.audit.rules import Verb
from scoreport.reports.actions import open_roster
from scoreport.reports.rules import RosterQuery
from tests.world import AT


def use(world, name: str, session: int, *, place: str = "", at: dt.datetime = AT) -> None:
    """Let a person sign in and, where a place is named, look at its roster in that session."""
    actor = replace(world.actor(name, at=at), session_id=session)
    signed_in(actor, at=at)
    if place:
        open_roster(actor, organization=world.organization(place), query=RosterQuery("clep", years=(2025,)), at=at)


def sign_ins(rows) -> list[tuple[str, dt.datetime]]:
    return [(row.event.facts.actor, row.at) for row in rows if row.event.facts.verb == Verb.SIGNED_IN]
