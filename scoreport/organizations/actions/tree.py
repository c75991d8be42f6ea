"""Writes to the tree of organizations."""

import datetime as dt
from typing import IO

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.imports import actions as imports
from scoreport.imports.models import ImportFile
from scoreport.imports.problems import FileCause
from scoreport.imports.rules import AS_IT_IS, Options
from scoreport.imports.run import NotPossibleNow
from scoreport.organizations.intake import FileRefused, Progress
from scoreport.organizations.intake.target import TARGET
from scoreport.organizations.models import Organization
from scoreport.organizations.rules import Loaded, Problem

_CHUNK = 1 << 20


def load_organizations(
    actor: Actor,
    *,
    file: IO[bytes],
    at: dt.datetime,
    name: str = "organizations.csv",
    reverting: bool = False,
    progress: Progress | None = None,
    options: Options = AS_IT_IS,
) -> Loaded:
    """Store the organizations of a file, all or nothing; the same file again changes nothing.

    Organizations that the file does not name stay as they are. Rows that return to what a later file replaced are
    held unless ``reverting``. Former contacts on file get an email. ``progress`` gets the number of rows since its
    last call. The file can be undone by its number.

    Raises :class:`scoreport.organizations.intake.FileRefused` with every problem of the file.
    """
    access.require(actor, Permission.ORGANIZATIONS_LOAD)
    chunks = iter(lambda: file.read(_CHUNK), b"")
    number = imports.receive_file(
        actor, kind=TARGET.kind, name=name, chunks=chunks, at=at, check_later=False, options=options
    )
    checked = imports.check_now(actor, file_id=number, at=at)
    problems = [Problem(row.line, row.column, row.value, row.reason) for row in checked.refused.order_by("line", "id")]
    if progress:
        progress(checked.rows_total)
    if problems:
        imports.discard_file(actor, file_id=number, at=at)
        raise FileRefused(problems, causes=[*map(FileCause.from_json, checked.causes)])
    before = _rows()
    try:
        accepted = imports.accept_now(actor, file_id=number, at=at, reverting=reverting)
    except NotPossibleNow as refusal:
        raise FileRefused([Problem(1, "", "", str(refusal))]) from refusal
    after = _rows()
    return _loaded(accepted, frozenset(key for key, row in after.items() if before.get(key) != row))


def _loaded(file: ImportFile, touched: frozenset[int]) -> Loaded:
    return Loaded(
        file=file.pk,
        new=file.rows_new,
        changed=file.rows_changed,
        same=file.rows_same,
        held=0 if file.accepts_reverting else file.rows_reverting,
        ignored_columns=tuple(file.ignored_columns),
        notices=tuple(file.notices),
        touched=touched,
        causes=tuple(map(FileCause.from_json, file.causes)),
        skipped=file.rows_skipped,
    )


def _rows() -> dict[int, tuple[object, ...]]:
    return {row[0]: row for row in Organization.objects.values_list()}
