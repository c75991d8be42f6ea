"""How many questions the two pages that most people open ask of the database, once they were opened before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb

pytestmark = pytest.mark.django_db

ROSTER = "/reports/clep/470001/2025-2026/"
AROUND = {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}


def questions(client, path):
    """Return the questions of the second look at a page."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries if query["sql"].split()[0] not in AROUND]


def test_a_schools_report_with_its_roster_asks_few_questions(client_for, scores):
    """Session and person, revision, rows, what is one's own; then the view: rows, chain (PostgreSQL: lock), event."""
    asked = questions(client_for("amy"), ROSTER)
    assert len(asked) == 7 + (connection.vendor == "postgresql"), "\n".join(asked)
    assert len(events_of(verb=Verb.ROSTER_VIEWED)) == 2


def test_the_same_for_a_district_above_the_school(client_for, scores):
    """The organization and those to switch to are asked for as well."""
    asked = questions(client_for("dan"), ROSTER)
    assert len(asked) <= 11 + (connection.vendor == "postgresql"), "\n".join(asked)


def test_the_dashboard_asks_two_questions(client_for, world):
    asked = questions(client_for("amy"), "/")
    assert len(asked) == 2, "\n".join(asked)
