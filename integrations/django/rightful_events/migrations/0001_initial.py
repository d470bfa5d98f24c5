"""The two tables, and the addresses that are on file today."""

from django.conf import settings
from django.db import migrations, models


def note_present_addresses(apps, schema_editor):
    from rightful_events.contacts import reconcile

    reconcile(
        apps.get_model(settings.AUTH_USER_MODEL),
        apps.get_model("rightful_events", "Contact"),
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.CharField(db_index=True, max_length=64)),
                ("kind", models.CharField(default="mail", max_length=8)),
                ("value", models.CharField(max_length=254)),
                ("since", models.BigIntegerField()),
                ("verified_at", models.BigIntegerField(null=True)),
                ("until", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Rehash",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.CharField(db_index=True, max_length=64)),
                ("before", models.CharField(max_length=64)),
                ("after", models.CharField(max_length=64)),
                ("at", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(note_present_addresses, migrations.RunPython.noop),
    ]
