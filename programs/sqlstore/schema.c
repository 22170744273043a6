#include "schema.h"

#define BEGIN "CREATE TABLE IF NOT EXISTS vpopmail ("
#define COLUMNS(CHARACTERS, CASE) "pw_name " CHARACTERS "(64) NOT NULL" CASE ", pw_domain " CHARACTERS "(96) NOT NULL" CASE "," \
  " pw_passwd " CHARACTERS "(128), pw_uid INT, pw_gid INT, pw_gecos " CHARACTERS "(64), pw_dir " CHARACTERS "(160)," \
  " pw_shell " CHARACTERS "(20), pw_clear_passwd " CHARACTERS "(128), "

char const schema_mysql[] = BEGIN COLUMNS("VARCHAR", "") "PRIMARY KEY (pw_name, pw_domain)) ENGINE = InnoDB";
char const schema_pgsql[] = BEGIN COLUMNS("VARCHAR", "") "PRIMARY KEY (pw_name, pw_domain))";
char const schema_sqlite[] = BEGIN COLUMNS("CHAR", " COLLATE NOCASE") "PRIMARY KEY (pw_domain, pw_name))";

/* Of the hashes that are made today (hash.h) the longest has 127 characters. */
struct schema_column const schema_columns[SCHEMA_COLUMNS] = {
  { "pw_name", "VARCHAR(64)", 0, false },
  { "pw_domain", "VARCHAR(96)", 0, false },
  { "pw_passwd", "VARCHAR(128)", 127, false },
  { "pw_uid", "INT", 0, false },
  { "pw_gid", "INT", 0, false },
  { "pw_gecos", "VARCHAR(64)", 0, false },
  { "pw_dir", "VARCHAR(160)", 0, false },
  { "pw_shell", "VARCHAR(20)", 0, false },
  { "pw_clear_passwd", "VARCHAR(128)", 0, true }
};
