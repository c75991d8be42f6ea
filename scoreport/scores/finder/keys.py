"""The key of a test that the finder showed: whoever holds it may claim the test, for a day, and learns nothing by it.

A search by name shows tests whose tickets the asker does not know. The key carries the ticket sealed, for this person
and this organization only.
"""

import json
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from scoreport.access import Actor, NotFound
from scoreport.lib.secrets import seal, unseal
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores.finder.asked import Sought

_PURPOSE: Final = "missing score"
_LASTS: Final = timedelta(days=1)


class UnknownKey(NotFound):
    """The key is somebody else's, for another organization, too old, or no key at all."""


def key_of(
    actor: Actor, organization: OrganizationInfo, sought: Sought, *, program: str, ticket: str, at: datetime
) -> str:
    """Return the key of a test, with the name that was typed, so that a claim need not ask for it again."""
    told = {
        "test": [program, ticket],
        "for": [actor.person_id, organization.id],
        "until": (at + _LASTS).timestamp(),
        "name": [sought.first_name, sought.last_name, sought.birth_date.isoformat() if sought.birth_date else ""],
    }
    return seal(json.dumps(told), _PURPOSE)


def opened(actor: Actor, organization: OrganizationInfo, key: str, at: datetime) -> tuple[str, str]:
    """Return program and ticket of a key. Raises :class:`UnknownKey`."""
    program, ticket = _told(actor, organization, key, at)["test"]
    return str(program), str(ticket)


def typed(actor: Actor, organization: OrganizationInfo, key: str, at: datetime) -> tuple[str, str, str]:
    """Return first name, last name and birth date as they were typed. Raises :class:`UnknownKey`."""
    first, last, born = _told(actor, organization, key, at)["name"]
    return str(first), str(last), str(born)


def _told(actor: Actor, organization: OrganizationInfo, key: str, at: datetime) -> dict[str, list[str | int | None]]:
    try:
        told = json.loads(unseal(key, _PURPOSE))
    except ValueError:
        told = {}
    mine = [actor.person_id, organization.id]
    if told.get("for") != mine or not told.get("until", 0) > at.timestamp():
        raise UnknownKey(_("This test cannot be claimed by this link any more. Look for it again."))
    return {name: value for name, value in told.items() if isinstance(value, list)}
