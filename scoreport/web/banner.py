"""What every page says at its top while somebody may look, or looks, through support access."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport.access import Actor
from scoreport.organizations.queries.support import told_of
from scoreport.organizations.rules.support import SupportInfo, SupportState
from scoreport.web.formats import in_zone, moment
from scoreport.web.report_paths import report_path


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence, the click that ends it, and where to look more closely."""

    key: int
    sentence: str
    end_url: str
    more_url: str
    more_label: str


def banners_for(actor: Actor, at: datetime) -> list[Banner]:
    """Return the banners of a person, the first to end first; none, without asking, for most people."""
    return [_banner(actor, info, at) for info in told_of(actor, at)]


def _banner(actor: Actor, info: SupportInfo, at: datetime) -> Banner:
    words = {
        "organization": info.organization.name,
        "ticket": info.ticket,
        "moment": moment(in_zone(info.ends_at, info.organization.time_zone)),
        "staff": info.staff.partition(" <")[0],
    }
    if info.staff_id == actor.person_id:
        sentence = _(
            "Until %(moment)s you look at %(organization)s for request %(ticket)s. You can change nothing,"
            " and every page you see is in its access log."
        )
        more = report_path(info.organization.address), _("Its report")
    elif info.state(at) is SupportState.OPEN:
        sentence = _(
            "Until %(moment)s, %(staff)s of the program staff looks at %(organization)s for request %(ticket)s."
        )
        more = reverse("managing_log", args=[info.organization.address]) + "?kind=support", _("What they saw")
    else:
        sentence = _("Until %(moment)s support may look at %(organization)s for request %(ticket)s.")
        more = reverse("managing_support", args=[info.organization.address]), _("Support access")
    return Banner(info.id, sentence % words, reverse("support_end", args=[info.id]), *more)
