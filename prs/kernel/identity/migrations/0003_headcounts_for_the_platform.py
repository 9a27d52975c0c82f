from django.db import migrations

# The platform counts people without seeing them, and only where it has entered as the platform.
FORWARD = """
CREATE FUNCTION prs_headcounts(asked uuid[])
RETURNS TABLE (organization_id uuid, members bigint, last_sign_in timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $f$
  SELECT m.organization_id, count(*) FILTER (WHERE m.active), max(u.last_login)
  FROM identity_member m JOIN identity_user u ON u.id = m.user_id
  WHERE m.organization_id = ANY (asked) AND current_setting('prs.platform', true) = 'on'
  GROUP BY m.organization_id
$f$;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_membership_function")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION prs_headcounts(uuid[])")]
