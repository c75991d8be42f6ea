"""What files say of a record together: of each column the newest value, where older files fill the gaps."""

from typing import TYPE_CHECKING, Any

from scoreport.imports.models import ImportFile
from scoreport.imports.versions import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.utils import CursorWrapper

type Key = tuple[Any, ...]


def effective(
    cursor: "CursorWrapper", store: Store, which: str = "TRUE", parameters: "Sequence[Any]" = ()
) -> dict[Key, dict[str, Any]]:
    """Return the values of records by key, as files say them that are not undone.

    A value that the newest version lacks (NULL) is that of the newest one that has it. ``which`` is a condition on
    the versions ``v`` and their assertions ``a``, of our own making.
    """
    columns = [column for column in store.columns if column != "row_hash"]
    cursor.execute(
        f"SELECT {store.keys('v')}, {', '.join(f'v.{column}' for column in columns)} FROM {store.versions} v"
        f" JOIN {store.assertions} a ON a.version_id = v.id"
        f" JOIN {ImportFile._meta.db_table} f ON f.id = a.file_id WHERE {which}"
        f" ORDER BY {store.newest_first('v', 'a', 'f')}",
        list(parameters),
    )
    found: dict[Key, dict[str, Any]] = {}
    width = len(store.key)
    for row in cursor.fetchall():
        values = dict(zip(columns, row[width:], strict=True))
        known = found.setdefault(row[:width], values)
        for column, value in values.items():
            if known[column] is None:
                known[column] = value
    return found
