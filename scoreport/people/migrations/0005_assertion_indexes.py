"""Name the indexes of assertions as every kind of file does; no row changes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0004_versions_of_crosswalks")]

    operations = [
        migrations.RenameIndex("IdentifierAssertion", new_name="identifierassertion_file", old_name="identifier_assertion_file"),
        migrations.RenameIndex("IdentifierAssertion", new_name="identifierassertion_version", old_name="identifier_assertion_version"),
    ]
