"""An export that waits for its worker."""

from dataclasses import replace

import pytest

from scoreport.lib.clock import now
from scoreport.organizations.queries import find
from scoreport.reports.actions import export_roster
from scoreport.reports.rules import Format
from tests.reports.rosters import all_years
from tests.scores.files import load, row


@pytest.fixture
def rosters_export(world, settings):
    """Ask for a roster that is large enough for a job, by the clock that the job has."""
    settings.EXPORT_AT_ONCE_ROWS = 1
    load(row("T1"), row("T2", first_name="Bo"))
    at = now()
    actor = replace(world.actor("amy"), signed_in_at=at)
    export_roster(actor, organization=find("ALDER-HIGH"), query=all_years(), file_format=Format.CSV, at=at)
