"""Large rosters, prepared in the background for whoever asked."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import OperationalError, connection, connections
from django.utils import translation
from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.downloads import files
from scoreport.downloads.queries import for_job
from scoreport.lib.clock import parse_instant
from scoreport.lib.storage import StorageUnavailable
from scoreport.organizations import queries as organizations
from scoreport.reports.export.rosters import csv_chunks, write_xlsx
from scoreport.reports.rules import Format, RosterQuery, parse, program_of_stored

_KIND: Final = "roster"
_TELL_EVERY: Final = 20_000
"""Rows between two words about how far a job is."""


def kind_of(program: str) -> str:
    """Return the kind of a download that holds a roster of a program."""
    return f"{program}-{_KIND}"


def is_roster(kind: str) -> bool:
    """Tell whether a download of a kind holds a roster."""
    return kind.endswith(f"-{_KIND}")


def parameters_of(code: str, query: RosterQuery, file_format: Format, at: datetime) -> dict[str, object]:
    """Return what a job must know to make the file that was asked for."""
    return {
        "program": query.program,
        "organization": code,
        "query": query.to_params(page=False),
        "format": file_format.value,
        "at": at.isoformat(),
        "language": translation.get_language() or "en",
    }


def make(download_id: int, *, at: datetime) -> bool:
    """Make the file of a request; tell whether it is ready. A refusal becomes the reason that the person reads.

    Whether the person may have it is asked again, with the roles they have now. What they see is of the instant at
    which they asked, so that the file holds what the page showed.
    """
    files.resume(download_id, at=at)
    wanted = for_job(download_id, at=at)
    try:
        with files.prepared().write() as draft:
            _write(draft.path, download_id, wanted.owner_id, wanted.parameters, at)
        return files.finish(download_id, file=draft, at=at)
    except Refused as refusal:
        files.fail(download_id, reason=str(refusal))
        return False
    except StorageUnavailable:
        files.fail(download_id, reason=_("Scoreport can’t reach its file storage right now. Try again later."))
        raise
    except OSError:
        files.fail(download_id, reason=_("The disk of this installation can’t be used right now. Try again later."))
        raise
    except BaseException:
        files.fail(download_id, reason=_("Something went wrong here. Try again; if it fails again, tell the operator."))
        raise


def _write(path: Path, download_id: int, owner_id: int, parameters: Any, at: datetime) -> None:
    """Write the file. Raises Refused when the person may not have it any more."""
    actor = organizations.actor_of(owner_id, second_factor=True, at=at)
    organization = organizations.organization(actor, parameters["organization"])
    query = parse(parameters["query"], program=program_of_stored(parameters), default_year=at.year).query
    asked_at = parse_instant(parameters["at"])
    tell = _Teller(download_id)
    if parameters["format"] == Format.XLSX:
        with translation.override(parameters["language"]):
            write_xlsx(path, actor, organization, query, asked_at, progress=tell)
        return
    with translation.override(parameters["language"]):
        # The order of a column of words depends on the language, the words in the file do not.
        chunks = csv_chunks(actor, organization, query, asked_at)
    done = -1  # The header is no row.
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            done += chunk.count(b"\n")
            tell(done)


class _Teller:
    """Tells how many rows are done, now and then, while the connection of the job is busy reading."""

    def __init__(self, download_id: int) -> None:
        self._download_id = download_id
        self._told = 0

    def __call__(self, done: int) -> None:
        if done - self._told < _TELL_EVERY:
            return
        self._told = done
        if connection.vendor == "postgresql":
            # A connection that copies rows out can do nothing else.
            other = threading.Thread(target=self._tell_elsewhere, args=[done])
            other.start()
            other.join()
        else:
            self._tell(done)

    def _tell_elsewhere(self, done: int) -> None:
        try:
            self._tell(done)
        finally:
            connections.close_all()

    def _tell(self, done: int) -> None:
        try:
            files.progress(self._download_id, rows_done=done)
        except OperationalError:
            # Somebody else wrote since this job began to read, so SQLite lets it write no more until it has ended.
            return
