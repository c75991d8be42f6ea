"""The key of a test that the finder showed: whoever holds it may claim the test, for a day, and learns nothing by it.

A search by name shows tests whose tickets the asker does not know. The key carries the ticket sealed, for this person
and this organization only.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from scoreport.access import Actor, NotFound
from scoreport.lib.secrets import decrypt, encrypt
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores.search.criteria import SearchCriteria

_PURPOSE: Final = "missing score"
_LASTS: Final = timedelta(days=1)


class UnknownKey(NotFound):
    """The key is somebody else's, for another organization, too old, or no key at all."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """The test that a key stands for, and the name and birth date that were typed, if any were."""

    program: str
    ticket: str
    first_name: str
    last_name: str
    birth_date: date | None


def key_of(
    actor: Actor, organization: OrganizationInfo, criteria: SearchCriteria, *, program: str, ticket: str, at: datetime
) -> str:
    """Return the key of a test, with the name that was typed, so that a claim need not ask for it again."""
    contents = {
        "test": [program, ticket],
        "for": [actor.person_id, organization.id],
        "until": (at + _LASTS).timestamp(),
        "name": [
            criteria.first_name,
            criteria.last_name,
            criteria.birth_date.isoformat() if criteria.birth_date else "",
        ],
    }
    return encrypt(json.dumps(contents), _PURPOSE)


def opened(actor: Actor, organization: OrganizationInfo, key: str, at: datetime) -> Keyed:
    """Return what a key stands for. Raises :class:`UnknownKey`."""
    try:
        contents = json.loads(decrypt(key, _PURPOSE))
    except ValueError:
        contents = {}
    mine = [actor.person_id, organization.id]
    if contents.get("for") != mine or contents["until"] <= at.timestamp():
        raise UnknownKey(_("This test cannot be claimed by this link any more. Look for it again."))
    program, ticket = contents["test"]
    first, last, born = contents["name"]
    return Keyed(program, ticket, first, last, date.fromisoformat(born) if born else None)
