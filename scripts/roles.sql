-- The database roles of PRS, for a server of your own. Run once, as a superuser:
--   psql -f scripts/roles.sql
-- then set passwords (ALTER ROLE ... PASSWORD ...) and create the database:
--   createdb --owner prs_owner prs
DO $$ BEGIN
  -- Owns every table and runs migrations; never serves requests.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prs_owner') THEN
    CREATE ROLE prs_owner LOGIN CREATEDB; END IF;
  -- Web and worker: owns nothing and is held by row security.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prs_app') THEN
    CREATE ROLE prs_app LOGIN NOSUPERUSER NOBYPASSRLS; END IF;
  -- Backups: reads everything, so that a dump is complete; writes nothing.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'prs_backup') THEN
    CREATE ROLE prs_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data; END IF;
END $$;
