#!/usr/bin/env bash
# Run once by the database container, after roles.sql: passwords, and the database itself.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres \
  -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v backup="$BACKUP_PASSWORD" <<'SQL'
ALTER ROLE prs_owner PASSWORD :'owner';
ALTER ROLE prs_app PASSWORD :'app';
ALTER ROLE prs_backup PASSWORD :'backup';
CREATE DATABASE prs OWNER prs_owner;
SQL
