"""Roles keep by number who gave them, so that a new name changes nothing about what a person gave before."""

from django.db import migrations, models


def fill_givers(apps, _schema_editor):
    """Store the number of each giver whom the recorded events know by the stored name, and by that name alone."""
    Membership = apps.get_model("organizations", "Membership")
    PersonName = apps.get_model("audit", "PersonName")
    people: dict[str, set[int]] = {}
    for text, number in PersonName.objects.values_list("text", "person_id").iterator():
        people.setdefault(text, set()).add(number)
    for text in set(Membership.objects.values_list("granted_by", flat=True).order_by().distinct()):
        if len(numbers := people.get(text, set())) == 1:
            Membership.objects.filter(granted_by=text).update(granted_by_id=numbers.pop())


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0007_saml_certificates"),
        ("audit", "0005_identify_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="granted_by_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.RunPython(fill_givers, migrations.RunPython.noop),
    ]
