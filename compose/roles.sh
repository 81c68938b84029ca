#!/bin/sh
# Runs once, when the database is empty: the owner, whom migrations use, and the application, which owns nothing and
# so cannot see past row-level security.
set -eu

psql -v ON_ERROR_STOP=1 -v owner="$CRM_OWNER_PASSWORD" -v app="$CRM_APP_PASSWORD" \
  --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE crm_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE crm_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
CREATE DATABASE crm OWNER crm_owner;
\connect crm
ALTER SCHEMA public OWNER TO crm_owner;
SQL
