"""What the sentences of events are made of: roles, days, years and filters, as people read them."""

import datetime as dt
import urllib.parse
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.access import Role
from scoreport.audit.rules import Facts
from scoreport.lib import codes
from scoreport.reports.rules import program_of_stored, with_program
from scoreport.web.formats import day, moment, number


@dataclass(frozen=True, slots=True)
class Told:
    """An event while its sentence is made; ``student`` is what the reader may call the student."""

    facts: Facts
    student: str = ""
    is_from_above: bool = False

    @property
    def subject(self) -> str:
        """Whom or what it is about."""
        return self.facts.subject

    def text(self, name: str) -> str:
        """Return a detail as text; nothing where the event has none."""
        value = self.facts.detail.get(name)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

    @property
    def role(self) -> str:
        """The role's name, or what was recorded where no such role exists any more."""
        return role_label(self.text("role"))

    @property
    def roles(self) -> str:
        """Several roles' names."""
        value = self.facts.detail.get("roles")
        return ", ".join(role_label(str(role)) for role in value) if isinstance(value, list | tuple) else ""

    @property
    def until(self) -> str:
        """The last day of a role, in words that follow the sentence."""
        ends = _day(self.text("ends_on"))
        return _(", until %(day)s") % {"day": day(ends)} if ends else ""

    @property
    def moment(self) -> str:
        """When support access ends."""
        try:
            return moment(dt.datetime.fromisoformat(self.text("ends_at")))
        except ValueError:
            return "–"

    @property
    def rows(self) -> str:
        """How many tests a roster or a file had; from above it is nobody's business how many others there are."""
        value = self.facts.detail.get("rows")
        if not isinstance(value, int) or self.is_from_above:
            return ""
        return " (" + ngettext("%(count)s test", "%(count)s tests", value) % {"count": number(value)} + ")"

    def count(self, name: str) -> int:
        """Return a detail that is a number; 0 where the event has none."""
        value = self.facts.detail.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    @property
    def order(self) -> str:
        """The ID of an order of vouchers, as people read it."""
        return codes.grouped(self.subject)

    @property
    def filters(self) -> str:
        """By what a roster was filtered: the years, then the names of filters and never what stood in them."""
        params = urllib.parse.parse_qs(self.text("query"))
        years = ", ".join(year.replace("-", "–") for year in params.get("year", []) if year != "all")
        filters = [with_program(years or _("all years"), program_of_stored(self.facts.detail))]
        if not self.is_from_above:
            filters += [_FILTERS[name]() for name in _FILTERS if name in params]
            filters += [_("a name or ticket searched for")] if self.facts.detail.get("searched") else []
        return "; ".join(filters)


def role_label(value: str) -> str:
    """Return a role's name."""
    return Role(value).label if value in set(Role) else value


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


_FILTERS = {
    "exam": lambda: _("by exam"),
    "result": lambda: _("by score"),
    "score_from": lambda: _("from a score"),
    "score_to": lambda: _("up to a score"),
    "grade": lambda: _("by grade"),
    "gender": lambda: _("by gender"),
    "ethnicity": lambda: _("by ethnicity"),
    "tested_from": lambda: _("from a day"),
    "tested_to": lambda: _("up to a day"),
    "school": lambda: _("by school"),
}
