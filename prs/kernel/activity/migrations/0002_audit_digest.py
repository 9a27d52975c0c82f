from django.db import migrations

FORWARD = """
CREATE FUNCTION activity_digest(previous text, e activity_auditevent) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $f$
  SELECT encode(sha256(convert_to(jsonb_build_array(
    previous, e.id, e.organization_id, e.code, e.actor_id, e.actor_label, e.session, e.address,
    e.request_id, e.subject_kind, e.subject_id, e.subject_label, e.words, e.before, e.after,
    extract(epoch FROM e.at)::text)::text, 'UTF8')), 'hex')
$f$;
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, "DROP FUNCTION activity_digest(text, activity_auditevent)")
    ]
