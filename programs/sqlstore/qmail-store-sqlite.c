/* qmail-store-sqlite: the users of virtual domains in a file of SQLite, for who asks by HOME/run/users/sqlite.

   runs as   vpopmail, started by qmail-usersd where control/usersbackend names sqlite; never root
   reads     questions (store_wire.h) from whom SO_PEERCRED names, HOME/users/cdb;
             HOME/control/snapshotage and snapshotlogins once
   changes   etc/vpopmail.sqlite in the home of vpopmail, HOME/run/users
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it
*/

#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "helper.h"
#include "schema.h"
#include "sqlstore.h"
#include "text.h"
#include "users_wire.h"

static stralloc etc = STRALLOC_ZERO, file = STRALLOC_ZERO;

static void find_file(void)
{
  text_set(&etc, helper_home());
  text_add(&etc, "/etc");
  text_z(&etc);
  text_set(&file, etc.s);
  text_add(&file, "/vpopmail.sqlite");
  text_z(&file);
}

static bool connect_file(enum sql_purpose purpose)
{
  return sql_sqlite.enter(&(struct server_line){ .database = file.s }, purpose);
}

/* ---- for who sets it up ---- */

static bool place_fault(char const **what, char const **todo)
{
  struct stat st;
  *what = "etc/vpopmail.sqlite is not a file of vpopmail that nobody else may read";
  *todo = "chown vpopmail:vchkpw, chmod 600";
  return stat(file.s, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077);
}

static struct sql_users const sqlite = {
  .name = "sqlite", .sql = &sql_sqlite,
  .tables = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
            " AND c.name IN ('pw_name', 'pw_domain', 'pw_clear_passwd') ORDER BY m.name",
  .create = schema_sqlite,
  .check_columns = "SELECT m.name, c.name, 0 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name",
  .check_keys = "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'pw_name'"
                " AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i WHERE i.\"unique\""
                " AND EXISTS (SELECT 1 FROM pragma_index_info(i.name) k WHERE k.name = 'pw_name')"
                " AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) k WHERE k.name NOT IN ('pw_name', 'pw_domain')))",
  .place_fault = place_fault,
  .connect = connect_file
};

int main(int argc, char const *const *argv)
{
  PROG = "qmail-store-sqlite";
  find_file();
  struct confine_path const paths[] = {
    { "/", CONFINE_READ },
    { etc.s, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { USERS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  return sqlstore_main(argc, argv, &sqlite, &(struct confinement){ .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS });
}
