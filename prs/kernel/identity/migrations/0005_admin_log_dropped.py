from django.db import migrations

# Django's admin was installed for a while and never used; its table would hold on to others.
FORWARD = "DROP TABLE IF EXISTS django_admin_log"


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_organizations_keep_an_owner")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
