"""Statements that PostgreSQL keeps, statements sent together, and a pool that notices a connection that has ended."""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg_pool import ConnectionPool

from scoreport.accounts.models import User
from scoreport.lib.postgresql import USES_BEFORE_PREPARED, check_unless_silent, pipeline, prepared_cursor
from scoreport.lib.statements import fetched
from tests.world import AT

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL")


@pytest.fixture
def address():
    """Return the address of the tests' own database."""
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return {name: parameters[name] for name in names if parameters.get(name)}


@on_postgresql
def test_a_statement_that_is_asked_often_is_prepared_and_answers_the_same():
    ask, kept = (
        "SELECT CAST(%s AS bigint) + 40001",
        "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE %s",
    )
    for number in range(USES_BEFORE_PREPARED + 2):
        assert fetched(ask, [number]) == [(number + 40001,)]
    assert fetched(kept, ["SELECT CAST($1 AS bigint) + 40001"]) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_an_error_of_statements_sent_together_is_djangos_and_undoes_them_all():
    with pytest.raises(IntegrityError):
        _write_with_an_error_in_the_middle()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_statements_sent_together_are_committed_in_their_order_and_their_rows_can_be_read():
    with pipeline(), transaction.atomic():
        User.objects.create(email="ann@alder.example", joined_at=AT)
        assert fetched("SELECT email FROM accounts_user") == [("ann@alder.example",)]
        User.objects.filter(email="ann@alder.example").update(email="ben@alder.example")
    assert [user.email for user in User.objects.all()] == ["ben@alder.example"]


def _write_with_an_error_in_the_middle():
    with pipeline(), transaction.atomic():
        User.objects.create(email="ann@alder.example", joined_at=AT)
        with prepared_cursor() as cursor:
            cursor.execute("INSERT INTO accounts_user (email) VALUES (NULL)")
        User.objects.create(email="ben@alder.example", joined_at=AT)


@on_postgresql
def test_the_pool_lends_no_connection_that_the_server_has_ended(address):
    with ConnectionPool(
        kwargs=address | {"autocommit": True}, min_size=1, max_size=1, check=check_unless_silent
    ) as pool:
        with pool.connection() as lent:
            number = lent.info.backend_pid
        with pool.connection() as lent:
            assert lent.info.backend_pid == number
        with psycopg.connect(**address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        with pool.connection() as lent:
            assert lent.execute("SELECT 1").fetchone() == (1,)
            assert lent.info.backend_pid != number
