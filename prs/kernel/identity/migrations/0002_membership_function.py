from django.db import migrations

# Asked before any organization is entered, so it looks through row security, at one user only.
FORWARD = """
CREATE FUNCTION prs_membership(asked uuid)
RETURNS TABLE (organization_id uuid, member_id uuid, open boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $f$
  SELECT m.organization_id, m.id, m.active AND o.status = 'active'
  FROM identity_member m JOIN tenancy_organization o ON o.id = m.organization_id
  WHERE m.user_id = asked
$f$;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION prs_membership(uuid)")]
