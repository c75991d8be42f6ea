"""Note who handles each file, and count the rows that program staff are shown.

A file that a person received is that person's; what came by the command line is nobody's until someone takes it over.
"""

import re

from django.db import migrations, models

import scoreport.lib.fields

_EMAIL = re.compile(r"<([^<>]+)>\Z")


def name_handlers(apps, schema_editor):
    """Make the person who received a file the one who handles it, where that person has an account."""
    people = {email.lower(): number for number, email in apps.get_model("accounts", "User").objects.values_list("pk", "email")}
    files = apps.get_model("scores", "ScoreFile").objects
    for name in files.values_list("received_by", flat=True).order_by().distinct():
        email = _EMAIL.search(name)
        number = people.get(email[1].lower()) if email else None
        if number is not None:
            files.filter(received_by=name).update(handled_by=name, handled_by_id=number)


class Migration(migrations.Migration):
    dependencies = [("scores", "0003_check_again"), ("accounts", "0001_initial")]

    operations = [
        migrations.AddField("scorefile", "handled_by", models.TextField(blank=True, default="")),
        migrations.AddField("scorefile", "handled_by_id", models.BigIntegerField(blank=True, null=True)),
        migrations.CreateModel(
            name="ShownRows",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("what", scoreport.lib.fields.CodeText(blank=True, default="")),
                ("rows", models.IntegerField(default=0)),
                ("allowed", models.IntegerField(default=0)),
            ],
            options={"indexes": [models.Index(fields=["person_id", "at"], name="shown_rows_person")]},
        ),
        migrations.RunPython(name_handlers, migrations.RunPython.noop),
    ]
