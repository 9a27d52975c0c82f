from django.db import migrations


class Migration(migrations.Migration):
    """A count of the last minute need not survive a crash, and costs no write to the log."""

    dependencies = [
        ("api", "0003_allowances_are_counted"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE api_allowance SET UNLOGGED", "ALTER TABLE api_allowance SET LOGGED"
        ),
    ]
