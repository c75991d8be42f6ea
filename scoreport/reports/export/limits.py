"""The brakes of exports: rows per person and day, a second person above that, and the same request once.

An export is counted in the transaction that begins it, under the lock of the person.
"""

import hashlib
import urllib.parse
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils import translation
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.approvals import queries as approvals
from scoreport.approvals.actions import ApprovalNeeded, require_approved
from scoreport.approvals.rules import ApprovalInfo, ApprovalKind, ApprovalState, Parameters
from scoreport.downloads import row_limits
from scoreport.downloads.rules import OPEN_JOBS, Allowance
from scoreport.organizations.queries.managers import Manager
from scoreport.organizations.rules import OrganizationInfo
from scoreport.organizations.telling import nearest_but
from scoreport.programs.rules import AcademicYear
from scoreport.reports.queries.own import OwnOfRoster
from scoreport.reports.queries.rows import asked, facts_of, figures_of, total_of
from scoreport.reports.queries.years import with_years
from scoreport.reports.rules import ExportLimits, Format, RosterQuery, first_program, program_of_stored, with_program
from scoreport.reports.rules.codes import sorts_by_label
from scoreport.scores import queries as scores

if TYPE_CHECKING:
    from scoreport.scores.queries import VisibleScores

PRINTED: Final = "print"
"""What is said of a printout where a file has its format."""
_LIVING: Final = (ApprovalState.OPEN, ApprovalState.APPROVED)


def key_of(
    actor: Actor,
    organization: OrganizationInfo,
    query: RosterQuery,
    made_as: str,
    at: datetime,
    rows: "VisibleScores",
) -> str:
    """Return a digest of what is asked for and of which data: with equal ones, two files hold the same.

    ``made_as`` is the format of a file, or :data:`PRINTED`. Totals say whether something was released meanwhile;
    without totals the rows are counted.
    """
    by_year = figures_of(actor, organization, query, at)
    counts = () if by_year else (rows.count(), scores.released(rows, at).count())
    revision = scores.data_as_of(query.program), counts
    is_in_language = made_as != Format.CSV or sorts_by_label(query.sort_column)
    wanted = query.with_(), str(made_as), translation.get_language() if is_in_language else "en"
    text = repr((facts_of(organization, query, by_year), revision, wanted))
    return hashlib.sha256(text.encode()).hexdigest()


def require_within_limit(
    actor: Actor, *, organization: OrganizationInfo, parameters: Parameters, key: str, rows: int, at: datetime
) -> None:
    """Count the rows of an export, or use the approval of it where they are too many for the day.

    Call it in the transaction that begins the export, under the lock of the person. The same file again on the same
    day is counted once. Raises :class:`scoreport.approvals.actions.ApprovalNeeded`.
    """
    if row_limits.is_counted(actor, key=key, at=at):
        return
    is_approved = rows > row_limits.allowance(actor, at=at).left
    if is_approved:
        _use_approval(actor, parameters=parameters, organization=organization, at=at)
    row_limits.count_export(actor, organization=organization.code, key=key, rows=rows, is_approved=is_approved, at=at)


def _use_approval(actor: Actor, *, parameters: Parameters, organization: OrganizationInfo, at: datetime) -> None:
    """Use the approval of an export; of the first program also one that was given when approvals named no program."""
    kind, code = ApprovalKind.ROSTER_EXPORT, organization.code
    try:
        require_approved(actor, kind=kind, parameters=parameters, organization=code, at=at)
    except ApprovalNeeded:
        if parameters["program"] != first_program():
            raise
        before = {name: value for name, value in parameters.items() if name != "program"}
        require_approved(actor, kind=kind, parameters=before, organization=code, at=at)


def parameters_of(query: RosterQuery, file_format: Format) -> Parameters:
    """Return what of a roster's export is approved, beside its organization: program, the whole query and format."""
    params = query.to_params(page=False)
    return {
        "program": query.program,
        "query": urllib.parse.urlencode(sorted(params.items()), doseq=True),
        "format": file_format.value,
    }


def subject_of(organization: OrganizationInfo, query: RosterQuery, file_format: Format, rows: int) -> str:
    """Return what is to be exported, in a sentence without student data; the years are spelled out."""
    words = {
        "organization": organization.name,
        "years": ", ".join(AcademicYear(year).label for year in sorted(query.years)),
        "rows": f"{rows:,}",
        "format": file_format.value.upper(),
    }
    if query.is_filtered:
        said = _("Export %(rows)s rows of the roster of %(organization)s (%(years)s, filtered) as %(format)s")
    else:
        said = _("Export %(rows)s rows of the roster of %(organization)s (%(years)s) as %(format)s")
    return with_program(said % words, query.program)


def limits_of(
    actor: Actor,
    organization: OrganizationInfo,
    query: RosterQuery,
    rows: int,
    at: datetime,
    *,
    own: OwnOfRoster,
) -> ExportLimits:
    """Return what a page says about an export before it is asked for; the years of the query are spelled out."""
    allowance = own.allowance
    needs_approval = rows > allowance.left
    requests = _requests(actor, organization, at) if needs_approval else []
    found = {
        kind: next((info for info in requests if _named(info) == parameters_of(query, kind)), None) for kind in Format
    }
    return ExportLimits(
        limit=allowance.limit,
        left=allowance.left,
        needs_approval=needs_approval,
        asked={kind: info.id for kind, info in found.items() if info and info.state is ApprovalState.OPEN},
        approved={kind: info.id for kind, info in found.items() if info and info.state is ApprovalState.APPROVED},
        has_too_many_open=own.preparing >= OPEN_JOBS,
    )


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """An export that needs an approval, as the person who asks for it reads it."""

    subject: str
    rows: int
    allowance: Allowance
    managers: tuple[Manager, ...]


def plan_of(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, file_format: Format, at: datetime
) -> ExportPlan:
    """Return what would be asked for, and the nearest access managers besides the person who can approve it.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    access.require(actor, Permission.SCORES_EXPORT, organization.place)
    query = with_years(actor, organization, query, at)[0]
    rows = total_of(actor, organization, query, at, asked(actor, organization, query, at))
    return ExportPlan(
        subject_of(organization, query, file_format, rows),
        rows,
        row_limits.allowance(actor, at=at),
        nearest_but(organization, at, person_id=actor.person_id),
    )


def _named(info: ApprovalInfo) -> Parameters:
    """Return what was approved with its program, which older requests do not name."""
    return {**info.parameters, "program": program_of_stored(info.parameters)}


def _requests(actor: Actor, organization: OrganizationInfo, at: datetime) -> list[ApprovalInfo]:
    return [
        info
        for info in approvals.own(actor, at=at)
        if info.kind is ApprovalKind.ROSTER_EXPORT and info.organization == organization.code and info.state in _LIVING
    ]
