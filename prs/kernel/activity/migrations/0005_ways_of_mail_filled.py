"""Who had chosen mail goes on getting it at once."""

from django.db import migrations

FORWARD = "UPDATE activity_notificationpreference SET by_mail = 'now' WHERE mail"
BACKWARD = "UPDATE activity_notificationpreference SET mail = (by_mail <> 'off')"


class Migration(migrations.Migration):
    dependencies = [("activity", "0004_mail_in_three_ways")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
