"""Model fields that behave alike on both databases."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    # The stubs give fields two type parameters that Django's own class does not take at run time.
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class CodeText(_TextField):
    """Text that is compared and sorted byte by byte: codes, fold keys, hashes.

    PostgreSQL sorts text by the language of the database and SQLite by bytes. With the collation "C" both give
    the same order, an index on the column serves `LIKE 'abc%'` as well, and comparing is faster.
    """

    def db_parameters(self, connection: "BaseDatabaseWrapper") -> dict[str, Any]:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        # SQLite sorts by bytes unless it is told otherwise, and knows no collation of this name.
        parameters["collation"] = "C" if connection.vendor == "postgresql" else None
        return parameters

    def db_type(self, connection: "BaseDatabaseWrapper") -> str | None:
        # Django gives an indexed "text" column of PostgreSQL a second index for LIKE. With the collation "C" the
        # first one does that job, and the second costs a second per million rows; in capitals it is not made.
        return "TEXT" if connection.vendor == "postgresql" else super().db_type(connection)
