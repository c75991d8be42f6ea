"""The distributions of the measures that a report draws beside its main one."""

from collections.abc import Mapping
from datetime import datetime

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.organizations.rules import OrganizationInfo
from scoreport.programs.rules import Measure
from scoreport.reports.rules import RosterQuery
from scoreport.scores import queries as scores

type Bands = tuple[int, ...]


def further_bands(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, at: datetime
) -> Mapping[str, tuple[Bands, ...]]:
    """Return by exam code how many results lie in each part of each further measure; empty where there is none.

    The years of the query are spelled out. Raises :class:`scoreport.access.NotAllowed` without a role that opens
    reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    measures = query.definition.charted[1:]
    counted = [_by_exam(actor, organization, query, measure, at) for measure in measures]
    codes = {code for bands in counted for code in bands}
    return {
        code: tuple(bands.get(code, (0,) * len(measure.bins)) for bands, measure in zip(counted, measures, strict=True))
        for code in codes
    }


def _by_exam(
    actor: Actor, organization: OrganizationInfo, query: RosterQuery, measure: Measure, at: datetime
) -> dict[str, Bands]:
    """Add the years up one by one, as totals are of one year each."""
    found: dict[str, Bands] = {}
    for year in query.years:
        by_exam = scores.figures_by_exam(
            actor, organization.place, at, program=query.program, years=[year], measure=measure.key
        )
        for code, figures in by_exam.items():
            before = found.get(code, (0,) * len(figures.bands))
            found[code] = tuple(map(sum, zip(before, figures.bands, strict=True)))
    return found
