"""What commands read of files of every kind."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, NotFound
from scoreport.imports.models import ImportFile
from scoreport.imports.rules import FileState
from scoreport.imports.target import target_of


class UnknownFile(NotFound):
    """There is no file of this number."""


@dataclass(frozen=True, slots=True)
class FileSummary:
    """A file of any kind, by its number."""

    id: int
    kind: str
    name: str
    state: FileState


def summary(actor: Actor, file_id: int) -> FileSummary:
    """Return one file. Raises :class:`UnknownFile`, :class:`scoreport.access.NotAllowed`."""
    row = ImportFile.objects.filter(pk=file_id).first()
    if row is None:
        raise UnknownFile(_("There is no file with the number %(id)s.") % {"id": file_id})
    access.require(actor, target_of(row.kind, row.program).permission)
    return FileSummary(row.pk, row.kind, row.name, FileState(row.state))
