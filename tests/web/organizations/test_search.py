"""Finding an organization by name, city or code, and down the tree."""

import html
import re

import pytest

from scoreport.organizations.models import Organization
from tests.factories.organizations import OrganizationFactory
from tests.web.pages import read
from tests.world import FORMULA, MARKUP

PATH = "/organizations/"
PART = {"HX-Request": "true", "HX-Target": "found"}


def names(page):
    """Return the organizations of a page in their order."""
    found = re.findall(r'class="entry-name"[^>]*>(.*?)</(?:a|b)>', page.markup)
    return [html.unescape(name) for name in found]


@pytest.mark.parametrize(
    ("name", "words", "found"),
    [
        ("sam", "alder", ["Alder School District", "Alder Early College", "Alder High School"]),
        ("sam", "alder high", ["Alder High School"]),
        ("sam", "0009", ["Alder Early College"]),
        ("sam", "470001", ["Alder High School"]),
        ("dan", "juniper", []),
        ("amy", "", ["Alder High School"]),
        ("amy", "birch", []),
        ("bea", "", [FORMULA]),
        ("nora", "", []),
    ],
)
def test_what_ones_roles_reach_is_found(client_for, name, words, found):
    assert names(read(client_for(name).get(PATH, {"q": words}))) == found


def test_a_name_leads_to_the_report_where_it_may_be_opened(client_for):
    links = read(client_for("dan").get(PATH, {"q": "alder"})).links("found")
    assert links["Alder High School"] == "/reports/clep/470001/"
    assert links["Alder School District"] == "/reports/clep/D-ALDER/"
    page = read(client_for("max").get(PATH))
    assert names(page) == ["Alder High School"]
    assert "Alder High School" not in page.links("found")


def test_the_tree_is_walked_down_and_back(client_for):
    client = client_for("sam")
    top = read(client.get(PATH))
    assert names(top) == ["State of Juniper"]
    state = read(client.get(top.links("found")["3 schools"]))
    assert sorted(names(state)) == sorted([MARKUP, "Alder School District"])
    district = read(client.get(f"{PATH}?under=D-ALDER"))
    assert names(district) == ["Alder Early College", "Alder High School"]
    assert district.links("found")["State of Juniper"] == f"{PATH}?under=ST"
    assert "State of Juniper" not in read(client_for("dan").get(f"{PATH}?under=D-ALDER")).links("found")


def test_another_tenants_branch_does_not_exist(client_for):
    client = client_for("dan")
    theirs, nobodys = client.get(f"{PATH}?under=D-BIRCH"), client.get(f"{PATH}?under=NO-SUCH")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content


def test_long_lists_have_pages(world, client_for):
    parent = Organization.objects.get(code="D-ALDER")
    for number in range(60):
        OrganizationFactory(parent=parent, name=f"Pine {number:02}", sort_name=f"pine {number:02}")
    client = client_for("dan")
    page = read(client.get(PATH, {"q": "pine"}))
    assert "60 organizations found" in page.text
    assert len(names(page)) == 25
    assert names(read(client.get(PATH, {"q": "pine", "page": 3})))[-1] == "Pine 59"
    assert len(names(read(client.get(PATH, {"under": "D-ALDER"})))) == 62


def test_htmx_gets_the_list_alone(client_for):
    part = read(client_for("sam").get(PATH, {"q": "alder"}, headers=PART))
    assert "<h1>" not in part.markup
    assert len(names(part)) == 3


def test_nothing_found_says_what_to_do(client_for):
    assert "No organization matches" in read(client_for("sam").get(PATH, {"q": "zzz"})).text
    assert "No organizations yet" in read(client_for("nora").get(PATH)).text


@pytest.mark.parametrize("query", ["q=%00", "under=%00", "page=x", "page=-1", "page=9999999999", "q=" + "a" * 5000])
def test_nonsense_is_no_error(client_for, query):
    assert client_for("sam").get(f"{PATH}?{query}").status_code == 200
