/* qmail-store-pgsql: the users of virtual domains on a server of PostgreSQL, for who asks by HOME/run/users/pgsql.

   runs as   vpopmail, started by qmail-usersd where control/usersbackend names pgsql; never root
   reads     questions (store_wire.h) from whom SO_PEERCRED names, HOME/users/cdb, etc/vpopmail.pgsql in the home of vpopmail;
             HOME/control/snapshotage and snapshotlogins once
   changes   the server's tables, HOME/run/users
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it
*/

#include <skalibs/strerr.h>

#include "entrance.h"
#include "schema.h"
#include "sqlstore.h"
#include "users_wire.h"

static bool connect_server(enum sql_purpose purpose)
{
  return entrance_enter(purpose, sql_pgsql.enter);
}

#define OF_TABLES " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid" \
  " WHERE pg_catalog.pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'p', 'v', 'f')"

static struct sql_users const pgsql = {
  .name = "pgsql", .sql = &sql_pgsql, .tells_case = true,
  .tables = "SELECT c.relname, a.attname" OF_TABLES " AND a.attnum > 0 AND NOT a.attisdropped"
            " AND a.attname IN ('pw_name', 'pw_domain', 'pw_clear_passwd') ORDER BY c.relname",
  .create = schema_pgsql,
  .check_columns = "SELECT c.relname, a.attname, CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END" OF_TABLES
                   " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname",
  .check_keys = "SELECT c.relname" OF_TABLES " AND a.attname = 'pw_name' AND c.relkind IN ('r', 'p')"
                " AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL"
                " AND a.attnum = ANY (i.indkey) AND NOT EXISTS (SELECT FROM unnest(i.indkey) k WHERE NOT EXISTS"
                " (SELECT FROM pg_catalog.pg_attribute b WHERE b.attrelid = c.oid AND b.attnum = k AND b.attname IN ('pw_name', 'pw_domain'))))",
  .check_rights = "SELECT p, '' FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p WHERE NOT EXISTS (SELECT" OF_TABLES
                  " AND a.attname = 'pw_name' AND NOT pg_catalog.has_table_privilege(c.oid, p))"
                  " UNION ALL SELECT w, 'more' FROM pg_catalog.pg_roles r, LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole),"
                  " ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)) v (w, has)"
                  " WHERE r.rolname = current_user AND v.has"
                  " UNION ALL SELECT g.rolname, 'more' FROM pg_catalog.pg_roles g, pg_catalog.pg_roles r WHERE r.rolname = current_user"
                  " AND NOT r.rolsuper AND g.rolname ~ '^pg_' AND g.rolname <> 'pg_database_owner' AND pg_catalog.pg_has_role(g.oid, 'MEMBER')",
  .widen = " ALTER ", .widen_to = " TYPE ",
  .connect = connect_server, .is_split = entrance_is_split
};

int main(int argc, char const *const *argv)
{
  PROG = "qmail-store-pgsql";
  entrance_of(pgsql.name);
  struct confine_path const paths[] = {
    { "/", CONFINE_READ },
    { USERS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  return sqlstore_main(argc, argv, &pgsql, &(struct confinement){ .paths = paths, .calls = CONFINE_CALLS });
}
