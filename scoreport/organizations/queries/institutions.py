"""What anybody who has signed in may know of an institution: its name, where it is, and its AI code.

Unscoped on purpose: whoever enters an access code, or asks for one, has no role there yet.
"""

from dataclasses import dataclass

from django.db.models import Q

from scoreport.access import PlaceKind
from scoreport.lib.text import clean, sort_key
from scoreport.organizations.models import Organization
from scoreport.organizations.queries.tree import find
from scoreport.organizations.rules import KIND_LABELS, OrganizationInfo

MOST = 12
"""So many are shown; whoever gets more looks for more words."""


@dataclass(frozen=True, slots=True)
class Institution:
    """The public facts of an organization; ``address`` is how pages name it."""

    address: str
    kind: PlaceKind
    name: str
    city: str
    state: str
    zip: str
    ai_code: str

    @property
    def kind_label(self) -> str:
        """State, district, school or organization, in the reader's language."""
        return str(KIND_LABELS[self.kind])

    @property
    def where(self) -> str:
        """Town, state and ZIP code, as far as they are known."""
        return ", ".join(part for part in (self.city, f"{self.state} {self.zip}".strip()) if part)


def institutions(words: str) -> tuple[tuple[Institution, ...], bool]:
    """Return the institutions whose name and city hold every word, and whether there are more of them.

    A word may also be the beginning of a ZIP code or of an AI code, or a state's two letters.
    """
    wanted = Organization.objects.all()
    given = clean(words).split()
    if not given:
        return (), False
    for word in given:
        key = sort_key(word)
        wanted = wanted.filter(
            Q(sort_name__contains=key) | Q(zip__startswith=word) | Q(ai_code__startswith=word) | Q(state=word.upper())
        )
    rows = list(wanted.order_by("sort_name", "id")[: MOST + 1])
    return tuple(_public(row.info) for row in rows[:MOST]), len(rows) > MOST


def institution(address: str) -> Institution:
    """Return an institution by its address; raises :class:`scoreport.organizations.queries.UnknownOrganization`."""
    return _public(find(clean(address)))


def _public(info: OrganizationInfo) -> Institution:
    return Institution(
        address=info.address,
        kind=info.kind,
        name=info.name,
        city=info.city,
        state=info.state,
        zip=info.zip,
        ai_code=info.ai_code,
    )
