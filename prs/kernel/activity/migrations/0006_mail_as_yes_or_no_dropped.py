from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("activity", "0005_ways_of_mail_filled")]
    operations = [migrations.RemoveField(model_name="notificationpreference", name="mail")]
