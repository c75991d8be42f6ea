"""Every route says who may open it; the list of them is golden."""

import csv
import io

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from scoreport.access import Permission
from scoreport.web.rule import Rule, rule, rule_of


def routes(resolver, prefix=""):
    """Yield path, name and view of everything that an address leads to."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.name or "", entry.callback


ALL = [(path, name, rule_of(view)) for path, name, view in routes(get_resolver("scoreport.urls"))]


@pytest.mark.parametrize("module", ["scoreport.urls", "scoreport.web.style.urls", "scoreport.web.demo.urls"])
def test_every_route_declares_its_rule(module):
    found = list(routes(get_resolver(module)))
    assert found
    assert [path for path, _name, view in found if rule_of(view) is None] == []


def test_a_forgotten_rule_would_be_found():
    found = [path for path, _name, view in routes(get_resolver("tests.web.base_urls")) if rule_of(view) is None]
    assert found == ["forgotten/"]


@pytest.mark.golden
def test_the_routes_are_the_ones_that_were_agreed(golden):
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["path", "name", "for whom"])
    writer.writerows((path, name, declared.name if declared else "") for path, name, declared in sorted(ALL, key=str))
    golden("routes.csv", table.getvalue())


def test_names_are_given_once():
    names = [name for _path, name, _declared in ALL]
    assert "" not in names
    assert len(names) == len(set(names))


def test_only_public_views_open_without_signing_in():
    for path, _name, view in routes(get_resolver("scoreport.urls")):
        assert getattr(view, "login_required", True) is (rule_of(view) != Rule("public")), path


@pytest.mark.urls("tests.web.base_urls")
@pytest.mark.parametrize(
    ("name", "status"),
    [("amy", 200), ("dan", 200), ("bea", 200), ("sue", 403), ("max", 403), ("fay", 403), ("pat", 403), ("nora", 403)],
)
def test_a_permission_opens_the_view_to_those_who_have_it_somewhere(client_for, name, status):
    assert client_for(name).get("/roster/").status_code == status


def test_a_rule_keeps_what_the_view_was():
    def view(request):
        """Say what it shows."""

    for declare in (rule.public, rule.signed_in, rule(Permission.SCORES_ROSTER_READ)):
        assert (declare(view).__name__, declare(view).__doc__) == ("view", "Say what it shows.")
    assert rule_of(view) is None
