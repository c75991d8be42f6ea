"""``scoreport undo-file ID``."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.imports import actions
from scoreport.imports import files as imported
from scoreport.imports.rules import FileState
from scoreport.scores import files


class Command(ScoreportCommand):
    job = Job.SCORES
    help = (
        "Undo an accepted file of scores, organizations or identifiers. Everything is then as if it had never been"
        " loaded, also when other files followed. The commands that load files print their numbers, and the program"
        " desk shows those of score files."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, metavar="ID", help="The number of the file.")

    def run(self, **options: Any) -> str:
        """Undo the file, and say what became of the tests of a score file."""
        info = imported.summary(self.actor, options["id"])
        preview = None
        if info.kind == "scores" and info.state is FileState.ACCEPTED:
            preview = files.undo_preview(self.actor, files.file(self.actor, info.id))
        with self.progress(_("Undoing")):
            actions.undo_now(self.actor, file_id=info.id, at=self.at)
        sentence = _("File %(id)d (%(name)s) was undone.") % {"id": info.id, "name": info.name}
        if preview is None:
            return sentence
        counts = _("Tests: %(gone)d removed, %(returned)d returned to earlier values, %(unchanged)d unchanged.")
        numbers = {"gone": preview.gone, "returned": preview.returned, "unchanged": preview.unchanged}
        return f"{sentence} {counts % numbers}"
