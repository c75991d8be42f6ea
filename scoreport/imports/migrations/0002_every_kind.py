"""Make room for files of every kind, for repairs and causes, and for what a file could make worse.

Checked rows that wait to be accepted are dropped with their old tables: those files say that they have to be checked
again. A file is *undone* now, where it was *withdrawn*.
"""

import re

from django.db import migrations, models
from django.db.models import Q

from scoreport.lib.fields import CodeText

_STAGED = re.compile(r"(scores|imports)_staged_\d+(_doubt|_held)?")
_STATES = ["received", "checking", "checked", "accepting", "accepted", "undoing", "undone", "discarded", "failed"]


def drop_staged(apps, schema_editor):
    """Drop every old staging table and the side table of its doubts."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for name in filter(_STAGED.fullmatch, connection.introspection.table_names(cursor)):
            cursor.execute(f"DROP TABLE {name}")


def name_states(apps, schema_editor):
    """Call the states of an undone file by its new name."""
    files = apps.get_model("imports", "ImportFile").objects
    files.filter(state="withdrawing").update(state="undoing")
    files.filter(state="withdrawn").update(state="undone")


def _count():
    return models.BigIntegerField(default=0)


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]

    operations = [
        migrations.RunPython(drop_staged, migrations.RunPython.noop),
        migrations.RemoveConstraint("importfile", "score_file_state_known"),
        migrations.RemoveConstraint("importfile", "score_file_accepted_in_order"),
        migrations.RemoveIndex("importfile", "score_file_received"),
        migrations.RenameIndex("rejectedrow", new_name="rejected_row_line", old_name="refused_row_line"),
        migrations.RenameField("importfile", "withdrawn_at", "undone_at"),
        migrations.RenameField("importfile", "withdrawn_by", "undone_by"),
        migrations.RenameField("importfile", "rows_uncertain", "rows_asked"),
        migrations.AlterField("importfile", "program", CodeText(blank=True, default="")),
        migrations.AddField("importfile", "kind", CodeText(default="scores")),
        migrations.AddField("importfile", "organization_id", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("importfile", "sheet", models.TextField(blank=True, default="")),
        migrations.AddField("importfile", "ignored_columns", models.JSONField(default=list)),
        migrations.AddField("importfile", "causes", models.JSONField(default=list)),
        migrations.AddField("importfile", "repairs", models.JSONField(default=list)),
        migrations.AddField("importfile", "rows_skipped", _count()),
        migrations.AddField("importfile", "rows_reverting", _count()),
        migrations.AddField("importfile", "rows_doubled", _count()),
        migrations.AddField("importfile", "rows_older", _count()),
        migrations.AddField("importfile", "rows_removed", _count()),
        migrations.AddField("importfile", "rows_canceled", _count()),
        migrations.AddField("importfile", "accepts_reverting", models.BooleanField(default=False)),
        migrations.AddField("importfile", "accepts_doubles", models.BooleanField(default=False)),
        migrations.AddField("rejectedrow", "cause", CodeText(blank=True, default="")),
        migrations.RunPython(name_states, migrations.RunPython.noop),
        migrations.AddConstraint(
            "importfile", models.CheckConstraint(condition=Q(state__in=_STATES), name="import_file_state_known")
        ),
        migrations.AddConstraint(
            "importfile",
            models.CheckConstraint(
                condition=Q(accepted_order__isnull=True, accepted_at__isnull=True)
                | Q(accepted_order__isnull=False, accepted_at__isnull=False),
                name="import_file_accepted_in_order",
            ),
        ),
        migrations.AddIndex(
            "importfile", models.Index(fields=["kind", "program", "-received_at"], name="import_file_received")
        ),
    ]
