from django.db import migrations

ADD = """
    INSERT INTO catalog_unit (id, organization_id, name, symbol, decimals, version)
    SELECT gen_random_uuid(), o.id, u.name, u.symbol, u.decimals, 1
    FROM tenancy_organization o
    CROSS JOIN (VALUES
      ('Piece', 'pcs', 0), ('Box', 'box', 0), ('Pair', 'pair', 0), ('Kilogram', 'kg', 3),
      ('Gram', 'g', 0), ('Litre', 'l', 3), ('Millilitre', 'ml', 0), ('Metre', 'm', 2),
      ('Hour', 'h', 2)
    ) AS u (name, symbol, decimals)
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Organizations from before get units to count in."""

    dependencies = [("catalog", "0002_packs_carry_a_version")]

    operations = [migrations.RunSQL(ADD, migrations.RunSQL.noop)]
