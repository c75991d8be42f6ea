"""``scoreport undo-file ID``."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.imports.rules import FileState
from scoreport.scores import actions, files


class Command(ScoreportCommand):
    job = Job.SCORES
    help = (
        "Take an accepted score file back. Everything is then as if it had never been loaded, also when other files"
        " followed. The number of a file stands in the output of load-scores and on the program desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, metavar="ID", help="The number of the file.")

    def run(self, **options: Any) -> str:
        """Take the file back and say what became of the tests that it told of."""
        info = files.file(self.actor, options["id"])
        outlook = None
        if info.state is FileState.ACCEPTED:
            outlook = files.taking_back(self.actor, info)
        with self.progress(_("Taking back")):
            actions.undo_now(self.actor, file_id=info.id, at=self.at)
        told = _("File %(id)d (%(name)s) was taken back.") % {"id": info.id, "name": info.name}
        if outlook is None:
            return told
        counts = _("Tests: %(gone)d gone, %(returned)d returned to an earlier wording, %(unchanged)d unchanged.")
        numbers = {"gone": outlook.gone, "returned": outlook.returned, "unchanged": outlook.unchanged}
        return f"{told} {counts % numbers}"
