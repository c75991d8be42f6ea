"""What a spreadsheet left in a file, on the page of the file, in a real browser."""

import pytest

from scoreport.imports.models import ImportFile
from tests.browser.test_pages import look_at
from tests.scores.files import check, row, text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_causes_with_and_without_a_repair(world, visitor):
    us = {"date_of_birth": "12/30/2007", "date_registered": "1/5/2026", "date_tested": "2/3/2026", "date_scored": ""}
    file = check(
        text(row("T1", last_name="PeÃ±alver", **us), row("2.61E+10", **us), row("T3", ai_code="905", **us)),
        by=world.actor("pat"),
    )
    assert ImportFile.objects.get(pk=file.pk).state == "failed"
    look_at(visitor("pat"), [f"/desk/files/{file.pk}/"])
