from django.db import migrations

ADD = """
    INSERT INTO places_place (id, organization_id, kind, name, code, address, active, version)
    SELECT gen_random_uuid(), o.id, p.kind, p.name, p.code, '', true, 1
    FROM tenancy_organization o
    CROSS JOIN (VALUES
      ('warehouse', 'Main warehouse', 'WH1'), ('storefront', 'Main shop', 'SH1'),
      ('transit', 'In transit', 'TRANSIT')
    ) AS p (kind, name, code)
    WHERE NOT EXISTS (
      SELECT FROM places_place x WHERE x.organization_id = o.id AND x.kind = p.kind
    )
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Organizations from before get a warehouse, a shop, and a place for goods on their way."""

    dependencies = [("places", "0002_places_of_goods_added")]

    operations = [migrations.RunSQL(ADD, migrations.RunSQL.noop)]
