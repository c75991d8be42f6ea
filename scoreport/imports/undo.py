"""Undoing a file: what is left is what never having loaded it would have left.

Steps: 1. note all versions of the records of the file; 2. delete its assertions; 3. drop versions that
nothing asserts, make the newest asserted one current; 4. let the target follow.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.utils.translation import gettext as _

from scoreport.access import Actor, Refused
from scoreport.imports.accept import plan_for
from scoreport.imports.models import ImportFile
from scoreport.imports.target import TOUCHED, Target
from scoreport.imports.versions import Store, current

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_WINNER: Final = "imports_winner"


class NoFile(Refused):
    """What is to be undone was never loaded from a file."""


def undo(actor: Actor, file: ImportFile, target: Target, *, at: datetime) -> None:
    """Undo an accepted file. The caller holds the transaction and the lock of all acceptances.

    Raises :class:`NoFile`.
    """
    if not file.path:
        raise NoFile(_("This is what was on file before an update, so it can't be undone."))
    with connection.cursor() as cursor:
        plan_for(cursor, file.rows_total)
        _note(cursor, target, file.pk)
        noted = target.before_undo(cursor, file)
        cursor.execute(f"DELETE FROM {target.store.assertions} WHERE file_id = %s", [file.pk])
        _settle(cursor, target.store)
        target.undone(cursor, noted, actor=actor, at=at)
        cursor.execute(f"DROP TABLE {TOUCHED}")


def _note(cursor: "CursorWrapper", target: Target, file_id: int) -> None:
    """Note every version of every record of the file."""
    store = target.store
    cursor.execute(f"DROP TABLE IF EXISTS {TOUCHED}")
    rank = (store.rank,) if store.rank else ()
    wanted = ", ".join(f"s.{column}" for column in ("id", *store.key, *rank, "is_current", *target.touched))
    # Current and retired versions have an index each, so they are looked up apart.
    halves = (
        f"SELECT {wanted} FROM {store.assertions} a JOIN {store.versions} m ON m.id = a.version_id"
        f" JOIN {store.versions} s ON {store.same_key('s', 'm')} AND {half} WHERE a.file_id = {int(file_id)}"
        for half in (current("s"), current("s", is_current=False))
    )
    cursor.execute(f"CREATE TEMPORARY TABLE {TOUCHED} AS {' UNION ALL '.join(halves)}")
    cursor.execute(f"CREATE UNIQUE INDEX {TOUCHED}_id ON {TOUCHED} (id)")
    cursor.execute(f"ANALYZE {TOUCHED}")


def _settle(cursor: "CursorWrapper", store: Store) -> None:
    """Let the newest remaining assertion of each record say what is current, and drop what nothing asserts."""
    versions = store.versions
    cursor.execute(f"DROP TABLE IF EXISTS {_WINNER}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_WINNER} AS SELECT id FROM (SELECT b.id, row_number() OVER"
        f" (PARTITION BY {store.keys('b')} ORDER BY {store.newest_first('b', 'a', 'f')}) AS place"
        f" FROM {TOUCHED} b JOIN {store.assertions} a ON a.version_id = b.id"
        f" JOIN {ImportFile._meta.db_table} f ON f.id = a.file_id) ranked WHERE place = 1"
    )
    cursor.execute(f"CREATE UNIQUE INDEX {_WINNER}_id ON {_WINNER} (id)")
    cursor.execute(f"ANALYZE {_WINNER}")
    cursor.execute(
        f"UPDATE {versions} SET is_current = FALSE WHERE is_current"
        f" AND id IN (SELECT id FROM {TOUCHED} WHERE is_current) AND id NOT IN (SELECT id FROM {_WINNER})"
    )
    cursor.execute(
        f"DELETE FROM {versions} WHERE id IN (SELECT b.id FROM {TOUCHED} b"
        f" WHERE NOT EXISTS (SELECT 1 FROM {store.assertions} a WHERE a.version_id = b.id))"
    )
    cursor.execute(f"UPDATE {versions} SET is_current = TRUE WHERE NOT is_current AND id IN (SELECT id FROM {_WINNER})")
    cursor.execute(f"DROP TABLE {_WINNER}")
