"""The workers and their heartbeats; the jobs themselves are the rows of django-tasks-db."""

from django.db import models
from django.db.models.functions import Now

from scoreport.lib.fields import CodeText


class WorkerBeat(models.Model):
    """A worker process that runs, and when it last said so, by the database's clock.

    Another worker that takes its job removes the row; a worker that finds its row gone ends.
    """

    name = CodeText(primary_key=True)
    queue = CodeText()
    started_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
