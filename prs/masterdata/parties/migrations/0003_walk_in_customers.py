from django.db import migrations

ADD = """
    INSERT INTO parties_customer
      (id, organization_id, code, external_code, kind, name, email, phone, phone2, website, area,
       address1, address2, address3, postal_code, city, state, country, nationality, tax_id,
       registration_number, terms_days, price_level, credit_limit, credit_blocked, credit_reason,
       active, is_walk_in, version, created_at)
    SELECT gen_random_uuid(), o.id, 'WALK-IN', '', 'person', 'Walk-in customer', '', '', '', '', '',
           '', '', '', '', '', '', '', '', '', '', 0, 'retail', 0, false, '', true, true, 1, now()
    FROM tenancy_organization o
    WHERE NOT EXISTS (SELECT FROM parties_customer c WHERE c.organization_id = o.id AND c.is_walk_in)
"""
REMOVE = "DELETE FROM parties_customer WHERE is_walk_in"


class Migration(migrations.Migration):
    """Organizations from before get the customer of those who walk in and pay."""

    dependencies = [("parties", "0002_customers_complete")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
