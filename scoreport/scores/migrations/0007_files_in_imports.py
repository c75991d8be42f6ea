"""Let ``imports`` own the tables of files and refused rows: only what Django knows of them changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scores", "0006_files_leave"), ("imports", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "refusedtest",
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_tests",
                        to="imports.importfile",
                    ),
                ),
                migrations.DeleteModel("RefusedRow"),
                migrations.DeleteModel("ScoreFile"),
            ]
        ),
    ]
