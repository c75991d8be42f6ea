"""A person with summaries of a district and details of one of its schools sees details at that school only."""

import pytest

from scoreport.access import Role
from scoreport.organizations.actions import grant_role
from scoreport.scores.models import ClepResult
from tests.scores.files import load, public_id, row
from tests.web.pages import read
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

MANY = 12


@pytest.fixture
def both(world, client_for):
    """Put a person with both roles in front of a browser, and as many students into either school of the district."""
    for name in ("Canary-of-High", "Canary-of-Early"):
        code = {"Canary-of-High": "470001", "Canary-of-Early": "000905"}[name]
        rows = (
            row(f"{code}-{number}", ai_code=code, last_name=name, first_name=f"A{number}") for number in range(MANY)
        )
        load(*rows)
    for role, place in ((Role.SUMMARY_REPORTS, "D-ALDER"), (Role.DETAILED_REPORTS, "ALDER-HIGH")):
        grant_role(OPERATOR, email="nora@juniper.example", organization=place, role=role, at=AT)
    return client_for("nora")


def report(client, address):
    return client.get(f"/reports/clep/{address}/2025-2026/")


def test_details_at_the_school_and_blocks_elsewhere(both):
    school = read(report(both, "470001"))
    assert "Canary-of-High" in school.text
    assert "How these figures protect students" not in school.text
    for address in ("D-ALDER", "000905"):
        page = read(report(both, address))
        assert "How these figures protect students" in page.text
        assert "Canary" not in page.text
        assert "Average score" not in page.figures()
    # The sum of what each school publishes, not the exact 12 of the one and a block of the other.
    assert read(report(both, "D-ALDER")).figures()["Tests taken"] == "about 20"


def test_neither_an_export_nor_a_student_of_the_other_school(both):
    students = {
        name: public_id(ClepResult.objects.filter(last_name=name).values_list("ticket", flat=True)[0])
        for name in ("Canary-of-High", "Canary-of-Early")
    }
    for address in ("470001", "000905", "D-ALDER"):
        # A student is the same page under each address, and opens by the role at their school.
        page = f"/reports/clep/{address}/2025-2026/students"
        assert both.get(f"{page}/{students['Canary-of-High']}/").status_code == 200
        assert both.get(f"{page}/{students['Canary-of-Early']}/").status_code == 404
    for address, status in (("470001", 200), ("000905", 403), ("D-ALDER", 403)):
        answer = both.post(f"/reports/clep/{address}/2025-2026/export/", {"format": "csv"})
        assert (address, answer.status_code) == (address, status)
    parts = {"HX-Request": "true", "HX-Target": "results"}
    for address in ("000905", "D-ALDER"):
        assert b"Canary" not in both.get(f"/reports/clep/{address}/2025-2026/?q=Canary", headers=parts).content
