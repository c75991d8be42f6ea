"""What a person may export now; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoreport.reports.rules.report import Format


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """The rows that a person may still export today, and what keeps one export from them.

    ``asked`` and ``approved`` hold the number of the request for approval of exactly this export, by format.
    """

    limit: int
    left: int
    needs_approval: bool
    asked: Mapping[Format, int]
    approved: Mapping[Format, int]
    has_too_many_open: bool
