"""The figures of a year by exam, kept until they change.

A large district's totals have a row for every exam and every day on which scores were released. To add them up takes
longer than all the rest of a report, and gives the same until another score is released or another file accepted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.cache import caches

from scoreport import access
from scoreport.access import Actor, Permission, PlaceKind
from scoreport.organizations.rules import OrganizationInfo
from scoreport.scores import queries as scores
from scoreport.scores.queries import ExamFigures, Figures

WITH_TOTALS = frozenset({PlaceKind.STATE, PlaceKind.DISTRICT})
_KEPT_SECONDS = 3600


def figures_by_exam(
    actor: Actor,
    organization: OrganizationInfo,
    at: datetime,
    *,
    program: str,
    year: int,
    together: Figures,
) -> Mapping[str, ExamFigures]:
    """Return the figures of one year by exam code; ``together`` are those of all exams, which are cheap to count.

    Releases only add, so equal figures of all exams in one revision mean equal figures of each.
    Raises :class:`scoreport.access.NotAllowed` without a role that opens reports there.
    """
    access.require(actor, Permission.SCORES_SUMMARY_READ, organization.place)
    if organization.kind not in WITH_TOTALS:
        return scores.figures_by_exam(actor, organization.place, at, program=program, years=[year])
    facts = (program, organization.id, year, together)
    key = "exams-" + hashlib.sha256(repr(facts).encode()).hexdigest()
    stored: Mapping[str, Mapping[str, Any]] | None = caches["figures"].get(key)
    if stored is not None:
        return {code: _figures(kept) for code, kept in stored.items()}
    found = scores.figures_by_exam(actor, organization.place, at, program=program, years=[year])
    # A cache keeps plain data (scoreport.lib.cache_values).
    caches["figures"].set(key, {code: asdict(figures) for code, figures in found.items()}, _KEPT_SECONDS)
    return found


def _figures(kept: Mapping[str, Any]) -> ExamFigures:
    return ExamFigures(**{**kept, "revision": tuple(kept["revision"]), "bands": tuple(kept["bands"])})
