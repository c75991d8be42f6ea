"""Take over the tables of files and refused rows from ``scores``, which has renamed them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Q

from scoreport.lib.fields import CodeText

_STATES = [
    "received",
    "checking",
    "checked",
    "accepting",
    "accepted",
    "withdrawing",
    "withdrawn",
    "discarded",
    "failed",
]


def _id():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def _text():
    return models.TextField(blank=True, default="")


def _moment():
    return models.DateTimeField(blank=True, null=True)


def _count():
    return models.BigIntegerField(default=0)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("scores", "0006_files_leave")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ImportFile",
                    fields=[
                        ("id", _id()),
                        ("program", CodeText()),
                        ("layout", CodeText()),
                        ("name", models.TextField()),
                        ("sha256", CodeText()),
                        ("size", models.BigIntegerField()),
                        ("path", models.TextField()),
                        ("state", CodeText(default="received")),
                        ("reason", _text()),
                        ("notices", models.JSONField(default=list)),
                        ("received_at", models.DateTimeField()),
                        ("received_by", models.TextField()),
                        ("handled_by", _text()),
                        ("handled_by_id", models.BigIntegerField(blank=True, null=True)),
                        ("checked_at", _moment()),
                        ("accepted_at", _moment()),
                        ("accepted_by", _text()),
                        ("withdrawn_at", _moment()),
                        ("withdrawn_by", _text()),
                        ("accepted_order", models.BigIntegerField(blank=True, null=True, unique=True)),
                        ("checked_against", _count()),
                        ("worked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("rows_done", _count()),
                        ("rows_total", _count()),
                        ("rows_new", _count()),
                        ("rows_changed", _count()),
                        ("rows_same", _count()),
                        ("rows_unmatched", _count()),
                        ("rows_refused", _count()),
                        ("rows_uncertain", _count()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["program", "-received_at"], name="score_file_received")],
                        "constraints": [
                            models.CheckConstraint(condition=Q(state__in=_STATES), name="score_file_state_known"),
                            models.CheckConstraint(
                                condition=Q(accepted_order__isnull=True, accepted_at__isnull=True)
                                | Q(accepted_order__isnull=False, accepted_at__isnull=False),
                                name="score_file_accepted_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RejectedRow",
                    fields=[
                        ("id", _id()),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="refused",
                                to="imports.importfile",
                            ),
                        ),
                        ("line", models.BigIntegerField()),
                        ("column", CodeText()),
                        ("value", _text()),
                        ("reason", models.TextField()),
                    ],
                    options={"indexes": [models.Index(fields=["file", "line"], name="refused_row_line")]},
                ),
            ]
        ),
    ]
