"""Keep the words of the deals that were there before."""

from django.db import migrations

FILL = """
    INSERT INTO web_searchword (organization_id, kind, word, object_id)
    SELECT DISTINCT t.organization_id, 'deals.deal', left(word, 60), t.id
    FROM deals_deal t, regexp_split_to_table(lower(concat_ws(' ', number, name)), '[^[:alnum:]]+') word
    WHERE word <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("web", "0004_deal_words_kept")]
    operations = [
        migrations.RunSQL(FILL, "DELETE FROM web_searchword WHERE kind = 'deals.deal'"),
    ]
