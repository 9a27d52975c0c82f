"""Keep the words of the products and suppliers that were there before."""

from django.db import migrations

FILL = """
    INSERT INTO web_searchword (organization_id, kind, word, object_id)
    SELECT DISTINCT t.organization_id, 'catalog.product', left(word, 60), t.id
    FROM catalog_product t, regexp_split_to_table(lower(concat_ws(' ', sku, name)), '[^[:alnum:]]+') word
    WHERE word <> ''
    UNION ALL
    SELECT DISTINCT t.organization_id, 'parties.supplier', left(word, 60), t.id
    FROM parties_supplier t,
         regexp_split_to_table(lower(concat_ws(' ', name, code, contact_person)), '[^[:alnum:]]+') word
    WHERE word <> ''
"""
EMPTY = "DELETE FROM web_searchword WHERE kind IN ('catalog.product', 'parties.supplier')"


class Migration(migrations.Migration):
    dependencies = [("web", "0006_goods_words_kept")]
    operations = [migrations.RunSQL(FILL, EMPTY)]
