"""What the engine asks of each kind of file: where its records are stored, and what follows from them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from scoreport.access import Actor, Permission
from scoreport.imports.models import ImportFile
from scoreport.imports.versions import Store

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

CHANGED: Final = "imports_changed"
"""While a file is accepted: the keys of the records that change, ``row_hash`` and ``old_id``, the version replaced."""
ENDED: Final = "imports_ended"
"""While a complete list is accepted: the records that it doesn't name."""
TOUCHED: Final = "imports_touched"
"""While a file is undone: ``id``, keys, ``is_current`` and the target's own columns of all versions of its records."""

type Follower = Callable[[Actor, datetime], str]
"""Does what follows, and says in a sentence what it did, or nothing."""
Progress = Callable[[int], None]
"""Called with the number of rows that are checked so far."""


@dataclass(frozen=True, slots=True)
class Insert:
    """What is stored with a version beyond its row: columns, an expression for each, and the tables they are from.

    The expressions name the staged row ``t``.
    """

    columns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    join: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance whose versions and assertions are stored; table :data:`CHANGED` is there.

    ``below`` is the highest id of a version before it, ``prepared`` what :meth:`Target.prepare` returned.
    """

    actor: Actor
    file: ImportFile
    below: int
    prepared: Any
    at: datetime


class Target(Protocol):
    """One kind of file. The caller of every method but ``check`` and ``store`` holds the transaction and the lock."""

    kind: str
    permission: Permission
    subject_kind: str
    """What the record of events calls such a file."""
    is_strict: bool
    """Whether a file with a refused row is not accepted at all."""

    @property
    def store(self) -> Store:
        """Return where versions and assertions are stored."""

    @property
    def insert(self) -> Insert:
        """Return what is stored with a version beyond its row."""

    @property
    def touched(self) -> tuple[str, ...]:
        """Return the columns of versions that are needed to follow an undone file."""

    def layout_of(self, program: str) -> str:
        """Return the name of the layout that such files have now."""

    def check(self, file: ImportFile, stream: IO[bytes], *, at: datetime, progress: Progress) -> None:
        """Read and stage a file and store the reasons of refused rows.

        Sets ``rows_total``, ``rows_skipped``, ``notices`` and ``causes`` without saving the file. Raises
        :class:`scoreport.imports.problems.UnreadableFile`.
        """

    def note_effects(self, cursor: "CursorWrapper", file: ImportFile, table: str) -> None:
        """Fill the side tables of rows that are questions, or could make things worse, and count into ``file``."""

    def out_of_date(self, file: ImportFile, table: str) -> str:
        """Say why staged rows no longer fit what is stored; nothing when they do."""

    def hold_back(self, cursor: "CursorWrapper", file: ImportFile, table: str, where: str) -> None:
        """Note what pages need of rows ``t`` that are held back, and take them from the counts of ``file``.

        Called before they leave the staging table.
        """

    def prepare(self, cursor: "CursorWrapper", table: str) -> Any:
        """Store what versions refer to; what it returns is passed on to :meth:`accepted`."""

    def accepted(self, cursor: "CursorWrapper", change: Accepted) -> None:
        """Follow the stored versions."""

    def before_undo(self, cursor: "CursorWrapper", file: ImportFile) -> Any:
        """Note what follows from the versions in :data:`TOUCHED`; raises a refusal when the file can't be undone."""

    def undone(self, cursor: "CursorWrapper", noted: Any, *, actor: Actor, at: datetime) -> None:
        """Follow the versions that are left; versions without an assertion are gone."""

    def discard(self, file: ImportFile) -> None:
        """Remove what was noted about a file that is not accepted, or no longer."""


@cache
def _loaded(path: str) -> Any:
    return import_string(path)


def target_of(kind: str, program: str = "") -> Target:
    """Return what reads a kind of file, of a testing program where the kind has several. Raises :class:`KeyError`."""
    target: Target = _loaded(settings.IMPORT_TARGETS[kind])(program)
    return target


def followers_of(kind: str) -> list[Follower]:
    """Return what packages above the target do when a file of a kind was accepted or undone, in its transaction."""
    return [_loaded(path) for path in settings.IMPORT_FOLLOWERS.get(kind, [])]
