from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activity", "0003_outbox_by_transaction")]
    operations = [
        migrations.AddField(
            model_name="notificationpreference",
            name="by_mail",
            field=models.CharField(
                choices=[("now", "At once"), ("daily", "Once a day"), ("off", "Never")],
                default="off",
                max_length=5,
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationpreference",
            constraint=models.CheckConstraint(
                condition=models.Q(("by_mail__in", ["now", "daily", "off"])),
                name="notification_preference_mail_known",
            ),
        ),
    ]
