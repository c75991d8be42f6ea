"""What stands around a roster for one person: their saved views, and how much they may still export today."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from scoreport.access import Actor
from scoreport.downloads.row_limits import day_of
from scoreport.downloads.rules import Allowance, DownloadState
from scoreport.lib.statements import fetched
from scoreport.organizations.rules import OrganizationInfo
from scoreport.reports.queries.views import parameters_shown
from scoreport.reports.rules import SavedViewInfo

# As row_limits.allowance, downloads.queries.count_open and saved_views ask one by one; a test holds them together.
_OWN: Final = (
    "SELECT (SELECT COALESCE(SUM(e.rows), 0) FROM downloads_exportedrows e"
    " WHERE e.person_id = %s AND e.day = %s AND NOT e.is_approved),"
    " (SELECT COUNT(*) FROM downloads_download d WHERE d.owner_id = %s AND d.state = %s AND d.expires_at > %s),"
    " v.id, v.slug, v.name, v.parameters FROM (SELECT 1 AS n) AS one"
    " LEFT JOIN reports_savedview v ON v.owner_id = %s AND v.organization_id = %s AND v.program = %s"
    " ORDER BY v.name, v.id"
)


@dataclass(frozen=True, slots=True)
class OwnOfRoster:
    """A person's saved views of one organization and program, what they may still export, and files in preparation."""

    views: tuple[SavedViewInfo, ...]
    allowance: Allowance
    preparing: int


def own_of_roster(actor: Actor, organization: OrganizationInfo, program: str, at: datetime) -> OwnOfRoster:
    """Return what is the acting person's own beside a roster that they may open, by one query."""
    person, ops = actor.person_id or 0, connection.ops
    rows = fetched(
        _OWN,
        [
            *(person, ops.adapt_datefield_value(day_of(at))),
            *(person, DownloadState.PREPARING.value, ops.adapt_datetimefield_value(at)),
            *(person, organization.id, program),
        ],
    )
    views = tuple(
        SavedViewInfo(
            id=number,
            slug=slug,
            name=name,
            program=program,
            organization=organization,
            params=parameters_shown(actor, json.loads(parameters), organization),
            is_mine=True,
        )
        for _taken, _preparing, number, slug, name, parameters in rows
        if number is not None and actor.person_id is not None
    )
    return OwnOfRoster(views, Allowance(settings.EXPORT_ROWS_A_DAY, int(rows[0][0])), int(rows[0][1]))
