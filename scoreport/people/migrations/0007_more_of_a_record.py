"""Let a record say the middle initial, the gender and the code of an unknown school, which may speak against a match.

What stored scores say of them is filled in by ``scores/migrations/0012``; until then a record says none of them.
"""

import django.db.models.deletion
from django.db import migrations, models

from scoreport.lib.fields import CodeText


def _fields(model):
    return [
        migrations.AddField(model, "fold_initial", CodeText(blank=True, default="", db_default="")),
        migrations.AddField(model, "gender", CodeText(blank=True, default="U", db_default="U")),
        migrations.AddField(model, "place_code", CodeText(blank=True, default="", db_default="")),
    ]


class Migration(migrations.Migration):
    dependencies = [("people", "0006_students_that_last")]

    operations = [
        *_fields("StudentRecord"),
        *_fields("IdentifierVersion"),
        migrations.AddField(
            "MatchCase",
            "answered_with",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="companions",
                to="people.matchcase",
            ),
        ),
        migrations.CreateModel(
            name="RecordToRelink",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="to_relink", to="people.studentrecord"
                    ),
                ),
            ],
        ),
        migrations.RemoveIndex("StudentRecord", "student_birth_date"),
        migrations.AddIndex(
            "StudentRecord", models.Index(fields=["birth_date", "school_id"], name="student_birth_school")
        ),
    ]
