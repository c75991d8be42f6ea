"""A request waits for PostgreSQL for so long and no longer; a command waits as long as it takes."""

import threading
import time

import psycopg
import pytest
from django.db import connection

from scoreport.lib import database_wait
from scoreport.lib.database_wait import LimitedConnection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL"),
]


@pytest.fixture
def other():
    """Connect once more, as the pool does."""
    told = connection.get_connection_params()
    names = {name: told[name] for name in ("host", "port", "user", "password", "dbname") if told.get(name)}
    with LimitedConnection.connect(**names, autocommit=True) as made:
        yield made


def test_the_connection_of_the_program_has_the_limit():
    connection.ensure_connection()
    assert isinstance(connection.connection, LimitedConnection)


def test_an_answer_that_does_not_come_closes_the_connection(other):
    began = time.monotonic()
    with database_wait.at_most(0.3), pytest.raises(psycopg.OperationalError, match="in time"):
        other.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - began < 3
    assert other.closed


def test_the_limit_is_for_all_questions_together(other):
    with database_wait.at_most(0.6):
        other.execute("SELECT pg_sleep(0.4)")
        with pytest.raises(psycopg.OperationalError, match="in time"):
            other.execute("SELECT pg_sleep(0.4)")


def test_many_quick_answers_are_no_reason_to_stop(other):
    with database_wait.at_most(0.3):
        for _question in range(20):
            other.execute("SELECT pg_sleep(0.03)")


def test_without_the_limit_it_waits(other):
    ended = threading.Event()

    def ask():
        other.execute("SELECT pg_sleep(1)")
        ended.set()

    thread = threading.Thread(target=ask)
    with database_wait.at_most(0.1):
        # The limit is that of the thread that asks.
        thread.start()
        assert not ended.wait(0.5)
    thread.join()
    assert ended.is_set()
