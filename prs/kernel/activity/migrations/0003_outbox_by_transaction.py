from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_audit_digest")]
    operations = [
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["organization", "txid"], name="outbox_txid"),
        ),
    ]
