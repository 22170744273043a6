/* qmail-store-mysql: the users of virtual domains on a server of MariaDB or MySQL, for who asks by HOME/run/users/mysql.

   runs as   vpopmail, started by qmail-usersd where control/usersbackend names mysql; never root
   reads     questions (store_wire.h) from whom SO_PEERCRED names, HOME/users/cdb, etc/vpopmail.mysql in the home of vpopmail;
             HOME/control/snapshotage and snapshotlogins once
   changes   the server's tables, HOME/run/users
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it
*/

#include <mariadb/mysql.h>

#include <skalibs/strerr.h>

#include "entrance.h"
#include "schema.h"
#include "sqlstore.h"
#include "users_wire.h"

static bool connect_server(enum sql_purpose purpose)
{
  return entrance_enter(purpose, sql_mysql.enter);
}

/* Of the views of rights. */
#define HIS "grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"
#define OURS "'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE'"

static struct sql_users const mysql = {
  .name = "mysql", .sql = &sql_mysql,
  .tables = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND column_name IN ('pw_name', 'pw_domain', 'pw_clear_passwd') ORDER BY table_name",
  .create = schema_mysql,
  .check_columns = "SELECT table_name, column_name, COALESCE(character_maximum_length, 0) FROM information_schema.columns"
                   " WHERE table_schema = DATABASE() ORDER BY table_name",
  .check_keys = "SELECT c.table_name FROM information_schema.columns c WHERE c.table_schema = DATABASE() AND c.column_name = 'pw_name'"
                " AND NOT EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = c.table_schema"
                " AND s.table_name = c.table_name AND s.non_unique = 0 GROUP BY s.index_name"
                " HAVING SUM(s.column_name = 'pw_name') = 1 AND SUM(s.column_name NOT IN ('pw_name', 'pw_domain')) = 0)",
  .check_rights = "SELECT privilege_type, '' FROM information_schema.table_privileges WHERE table_schema = DATABASE() AND " HIS
                  " UNION SELECT privilege_type, '' FROM information_schema.schema_privileges WHERE DATABASE() LIKE table_schema AND " HIS
                  " UNION SELECT privilege_type, IF(privilege_type = 'USAGE', '', 'more') FROM information_schema.user_privileges WHERE " HIS
                  " UNION SELECT CONCAT(privilege_type, ' on ', table_schema), 'more' FROM information_schema.schema_privileges WHERE " HIS
                  " AND NOT (DATABASE() LIKE table_schema AND privilege_type IN (" OURS "))"
                  " UNION SELECT CONCAT(privilege_type, ' on ', table_schema, '.', table_name), 'more'"
                  " FROM information_schema.table_privileges WHERE " HIS
                  " AND NOT (table_schema = DATABASE() AND privilege_type IN (" OURS "))",
  .widen = " MODIFY ", .widen_to = " ",
  .connect = connect_server, .is_split = entrance_is_split
};

int main(int argc, char const *const *argv)
{
  PROG = "qmail-store-mysql";
  if (mysql_library_init(0, 0, 0)) strerr_dief(111, "unable to begin with the library");
  entrance_of(mysql.name);
  struct confine_path const paths[] = {
    { "/", CONFINE_READ },
    { USERS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  return sqlstore_main(argc, argv, &mysql, &(struct confinement){ .paths = paths, .calls = CONFINE_CALLS });
}
