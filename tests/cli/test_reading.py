"""Files as spreadsheets save them, through the commands: offered with a preview, read once the repair is chosen."""

import json

import pytest

from scoreport.organizations.models import Organization
from scoreport.people.models import Identifier
from tests.world import ORGANIZATIONS

pytestmark = [pytest.mark.django_db, pytest.mark.once]

IDENTIFIERS = (
    "kind\tissuer\tidentifier\tfirst_name\tlast_name\tdate_of_birth\tai_code\n"
    "state-student-id\tST\tS-1\tAna\tLopez\t4/15/2008\t470001\n"
    "\t\t\t\t\t\t\n"
)


def test_organizations_with_semicolons_are_offered_and_then_read(scoreport, tmp_path):
    path = tmp_path / "organizations.csv"
    path.write_text(ORGANIZATIONS.replace(",", ";"), encoding="utf-8")
    said = scoreport("load-organizations", path)
    assert (said.code, Organization.objects.count()) == (1, 0)
    assert "separated by semicolons, not by commas" in said.err
    assert "--repair separator" in said.err
    assert said.err.splitlines()[-1] == "Nothing was stored: the file can only be read with a repair."
    said = scoreport("load-organizations", path, "--repair", "separator", "--json")
    assert json.loads(said.out)["repairs"] == [{"kind": "separator", "column": "", "rows": 0, "applied": True}]
    assert said.code == 0


def test_identifiers_with_tabs_and_dates_in_us_form_need_both_repairs(scoreport, world, tmp_path):
    path = tmp_path / "identifiers.txt"
    path.write_text(IDENTIFIERS, encoding="utf-8")
    said = scoreport("load-identifiers", path, "--repair", "separator")
    assert "Read them as month/day/year?" in said.err
    assert "4/15/2008 → 2008-04-15" in said.err
    # The file is read anew, so both are named.
    assert "load the file with --repair separator,us-dates." in said.err
    assert not Identifier.objects.exists()
    told = json.loads(scoreport("load-identifiers", path, "--repair", "separator,us-dates", "--json").out)
    assert (told["rows"], told["new"], told["skipped"]) == (1, 1, 1)
    assert {"kind": "us-dates", "column": "date_of_birth", "rows": 1, "applied": True} in told["repairs"]


def test_what_is_wrong_with_identifiers_is_listed_by_line_and_column(scoreport, world, tmp_path):
    path = tmp_path / "identifiers.csv"
    rows = ["kind,issuer,identifier,first_name,last_name,date_of_birth,ai_code", *["shoe-size,,,,,,"] * 60]
    path.write_text("\n".join(rows), encoding="utf-8")
    said = scoreport("load-identifiers", path)
    assert 'Line 2, kind: "shoe-size": There is no such kind.' in said.err
    assert "… and 190 more; --json lists all." in said.err
    path.write_text(rows[0].replace("kind,", ""), encoding="utf-8")
    assert "Line 1: These columns are missing: kind." in scoreport("load-identifiers", path).err.splitlines()[0]


def test_a_repair_that_nobody_knows_is_named(scoreport, tmp_path):
    said = scoreport("load-organizations", __file__, "--repair", "magic")
    assert said.code == 1
    assert '"magic" is not a repair; the repairs are: separator, us-dates, encoding' in said.err
