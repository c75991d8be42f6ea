"""Who can be tried out in a demo, as ``scoreport demo`` wrote it down."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_TITLES: Final = {
    "access-manager": gettext_lazy("Access manager"),
    "counselor": gettext_lazy("Counselor with Detailed Reports"),
    "data-administrator": gettext_lazy("Data administrator with File Downloads"),
    "district-analyst": gettext_lazy("District analyst with Detailed Reports"),
    "invited": gettext_lazy("Invited counselor; the invitation is in the mailbox"),
    "manager-before-terms": gettext_lazy("Access manager who has not accepted the terms"),
    "new-principal": gettext_lazy("New principal; an access code is in the mailbox"),
    "newcomer": gettext_lazy("New colleague without a role"),
    "principal": gettext_lazy("Principal with Summary Reports"),
    "program-staff": gettext_lazy("Program staff"),
    "second-staff": gettext_lazy("Second member of program staff, who answers approvals"),
    "school-manager": gettext_lazy("Access manager without a backup"),
    "small-school-principal": gettext_lazy("Principal of a small school with Summary Reports"),
    "state-analyst": gettext_lazy("State analyst with Detailed Reports"),
    "two-districts-analyst": gettext_lazy("Analyst with different roles at two districts"),
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody whom the sign-in page offers."""

    key: str
    name: str
    email: str
    organization: str

    @property
    def detail(self) -> str:
        """What they are, and where."""
        title = str(_TITLES.get(self.key, ""))
        return (
            _("%(title)s, %(organization)s") % {"title": title, "organization": self.organization}
            if self.organization
            else title
        )

    @property
    def url(self) -> str:
        """Where the button leads."""
        return reverse("demo_sign_in")


def people() -> tuple[DemoPerson, ...]:
    """Return the people of the demo that was built last; nobody before the first one and outside demo mode."""
    if not settings.DEMO or not settings.DEMO_PEOPLE.exists():
        return ()
    return tuple(DemoPerson(**told) for told in json.loads(settings.DEMO_PEOPLE.read_text(encoding="utf-8")))


def on_sign_in_page(_request: HttpRequest) -> dict[str, Any]:
    """Give templates ``demo_people``; nothing is read until the sign-in page asks for it."""
    return {"demo_people": SimpleLazyObject(people)}
