"""What a database was made for, written inside it: a copied file or a setting cannot say otherwise.

The table belongs to no model, so that emptying the others leaves it. Databases of real installations have none.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from django.db import connection

TABLE: Final = "scoreport_purpose"


class Purpose(StrEnum):
    """Why a database may be opened to everybody on this machine: all that is in it is made up."""

    DEMO = "demo"
    DEVELOPMENT = "development"


def purpose() -> Purpose | None:
    """Return what this database was made for; None for one that may hold real people."""
    if TABLE not in connection.introspection.table_names():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT purpose FROM scoreport_purpose")
        row = cursor.fetchone()
    return Purpose(row[0]) if row else None


def demo_organizations() -> frozenset[str]:
    """Return the codes of the organizations that a demo was built with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organizations FROM scoreport_purpose")
        row = cursor.fetchone()
    return frozenset(json.loads(row[0])) if row else frozenset()


def set_purpose(wanted: Purpose | None, *, organizations: Iterable[str] = ()) -> None:
    """Write down what this database is for, and a demo's organizations; None takes the mark away for good."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS scoreport_purpose")
        if wanted is not None:
            cursor.execute("CREATE TABLE scoreport_purpose (purpose varchar(20) NOT NULL, organizations text NOT NULL)")
            values = [wanted.value, json.dumps(sorted(organizations))]
            cursor.execute("INSERT INTO scoreport_purpose (purpose, organizations) VALUES (%s, %s)", values)
