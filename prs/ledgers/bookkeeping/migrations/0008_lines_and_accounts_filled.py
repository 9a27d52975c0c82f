from django.db import migrations

FILL = """
    ALTER TABLE bookkeeping_line DISABLE TRIGGER line_append_only;
    UPDATE bookkeeping_line l SET entry_date = e.entry_date
      FROM bookkeeping_entry e WHERE e.id = l.entry_id AND l.entry_date IS NULL;
    ALTER TABLE bookkeeping_line ENABLE TRIGGER line_append_only;
    UPDATE bookkeeping_account SET cash_flow = 'cash'
     WHERE kind = 'asset' AND code IN ('1000', '1005', '1010', '1020', '1030', '1040');
    UPDATE bookkeeping_account SET cash_flow = 'financing'
     WHERE kind = 'equity' AND code IN ('3000', '3900');
    UPDATE bookkeeping_account SET tax = 'input' WHERE kind = 'asset' AND code = '1300';
    UPDATE bookkeeping_account SET tax = 'output' WHERE kind = 'liability' AND code = '2100';
"""


class Migration(migrations.Migration):
    """Lines carry the day of their entry; accounts of the first chart say what they are in reports."""

    dependencies = [("bookkeeping", "0007_exchange_rates")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
