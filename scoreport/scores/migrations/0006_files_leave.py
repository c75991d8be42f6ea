"""Rename the tables of files and refused rows, which ``imports`` takes over for every kind of file."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scores", "0005_codes_as_typed")]

    operations = [
        migrations.AlterModelTable("scorefile", "imports_importfile"),
        migrations.AlterModelTable("refusedrow", "imports_rejectedrow"),
    ]
