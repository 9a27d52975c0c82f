"""Keep the words of the rows that were there before."""

from django.db import migrations

SEARCHED = {
    "parties.customer": ("parties_customer", "name, code, external_code, email, phone, area"),
    "invoicing.invoice": ("invoicing_invoice", "number"),
    "payments.payment": ("payments_payment", "number, reference, cheque_number"),
}
FILL = """
    INSERT INTO web_searchword (organization_id, kind, word, object_id)
    SELECT DISTINCT t.organization_id, '{kind}', left(word, 60), t.id
    FROM {table} t, regexp_split_to_table(lower(concat_ws(' ', {columns})), '[^[:alnum:]]+') word
    WHERE word <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("web", "0002_search_words_kept")]
    operations = [
        migrations.RunSQL(
            FILL.format(kind=kind, table=table, columns=columns),
            f"DELETE FROM web_searchword WHERE kind = '{kind}'",
        )
        for kind, (table, columns) in SEARCHED.items()
    ]
