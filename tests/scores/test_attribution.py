"""Scores follow the tree of organizations: where they belong and when they are released."""

import pytest

from scoreport.imports.run import NotPossibleNow
from scoreport.organizations.queries import find
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import accept, check, load, row, text
from tests.scores.verified import verified
from tests.world import AT, OPERATOR
from tests.world import load as load_organizations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

HEADER = "kind,organization_id,name,parent_id,ai_code,city,state,zip,time_zone\n"


def deviations() -> list[tuple[str, tuple[str, ...]]]:
    found = verified()
    return [(finding.name, finding.examples) for finding in found if finding.deviations]


def load_schools(*lines: str) -> int:
    """Load organizations as the command does; return how many scores moved."""
    notices = load_organizations(HEADER + "\n".join(lines) + "\n").notices
    assert actions.attribute_schools(OPERATOR, at=AT) == 0
    return int(notices[0].rstrip(".").rpartition(" ")[2]) if notices else 0


def test_a_school_that_moves_takes_its_scores_along():
    load(row("T1"), row("T2", ai_code="000905"))
    assert load_schools("school,ALDER-HIGH,Alder High School,D-BIRCH,470001,Alder,WV,25310,") == 1
    assert ClepResult.objects.get(ticket="T1").district_id == find("D-BIRCH").id
    assert deviations() == []


def test_a_school_that_is_loaded_later_finds_its_scores():
    load(row("T1", ai_code="471111"))
    assert load_schools("school,LATE,Late School,D-ALDER,471111,Alder,WV,25310,") == 1
    assert ClepResult.objects.get().school_id == find("471111").id
    assert deviations() == []


def test_another_time_zone_releases_at_another_instant():
    load(row("T1"), row("T2", exam_code="91", score="", date_scored=""), row("T3", ai_code="000905"))
    before = ClepResult.objects.get(ticket="T1").released_at
    assert load_schools("school,ALDER-HIGH,Alder High School,D-ALDER,470001,Alder,WV,25310,America/Los_Angeles") == 1
    after = ClepResult.objects.get(ticket="T1").released_at
    assert before
    assert after
    assert (after - before).total_seconds() == 3 * 3600
    assert deviations() == []
    assert actions.attribute_schools(OPERATOR, at=AT) == 0


@pytest.mark.parametrize(
    "school",
    [
        "school,LATE,Late School,D-ALDER,471111,Alder,WV,25310,",
        "school,ALDER-HIGH,Alder High School,D-BIRCH,470001,Alder,WV,25310,",
        "school,ALDER-HIGH,Alder High School,D-ALDER,470001,Alder,WV,25310,America/Los_Angeles",
    ],
    ids=["loaded", "moved", "another zone"],
)
def test_what_was_checked_before_the_tree_changed_belongs_where_it_should(school):
    """Else a school's new district would miss a score, and the old one would see it."""
    file = check(text(row("T1"), row("T2", ai_code="471111")))
    load_schools(school)
    with pytest.raises(NotPossibleNow, match="Check the file again"):
        accept(file)
    assert not ClepResult.objects.exists()
    accept(actions.check_now(OPERATOR, file_id=file.pk, at=AT))
    assert deviations() == []


def test_a_tree_that_changed_elsewhere_keeps_nobody_waiting():
    file = check(text(row("T1"), row("T2", ai_code="")))
    load_schools("school,ALDER-EARLY,Alder Early College,D-ALDER,000905,Alder,WV,25310,America/Los_Angeles")
    accept(file)
    assert deviations() == []
