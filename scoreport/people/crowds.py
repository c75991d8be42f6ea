"""Pairs in a crowd: so many records of one school and birth date that the date is rather a placeholder. Pure.

Comparing each with each takes minutes from a few thousand on; only those are compared whose names have a key in common.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from scoreport.people.matching import StudentDetails
from scoreport.people.spellings import keys_of, name_of

LEAST: Final = 64
"""Fewer records that are new are compared with each other, and with those that are known, without their keys."""

type Member = tuple[int, StudentDetails]
"""A number and what its record says."""


def pairs_among(members: Sequence[Member]) -> Iterator[tuple[Member, Member]]:
    """Yield each pair of members that may be one student, the one with the higher number first."""
    for one, other in pairs_between(members, members):
        if one[0] > other[0]:
            yield one, other


def pairs_between(members: Sequence[Member], others: Sequence[Member]) -> Iterator[tuple[Member, Member]]:
    """Yield each pair of a member and another one that may be one student, once."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (_number, details) in enumerate(others):
        for key in keys_of(name_of(details.first_name, details.last_name)):
            places[key].append(place)
    for member in members:
        keys = keys_of(name_of(member[1].first_name, member[1].last_name))
        for place in sorted({place for key in keys for place in places.get(key, ())}):
            yield member, others[place]
