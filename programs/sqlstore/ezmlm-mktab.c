/* ezmlm-mktab: the statements that make, or remove, the tables of a mailing list in a database.

   runs as   anybody
   changes   nothing: the statements go to descriptor 1, for the client of the server
   exits     0, 100 wrong use, 111 trouble
*/

#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "table_sql.h"

#define USAGE "ezmlm-mktab [-cCdD] mysql | pgsql | sqlite3 [table]"

static bool creates = true, drops = false;

static void read_options(int *argc, char const *const **argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  int c;
  while ((c = subgetopt_r(*argc, *argv, "cCdD", &options)) != -1)
    switch (c) {
      case 'c': creates = true; break;
      case 'C': creates = false; break;
      case 'd': drops = true; break;
      case 'D': drops = false; break;
      default: strerr_dieusage(100, USAGE);
    }
  *argc -= options.ind;
  *argv += options.ind;
}

static struct table_sql const *table_of(char const *name)
{
  static struct table_sql const *const all[] = { &table_mysql, &table_pgsql, &table_sqlite };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(subdb_name(all[i]->kind), name) == 0) return all[i];
  strerr_dieusage(100, USAGE);
}

static void print(struct table_sql const *t, char const *root, bool (*next)(struct sql_text *, struct table_sql const *, char const *, unsigned *))
{
  struct sql_text text;
  unsigned step = 0;
  while (next(&text, t, root, &step)) buffer_puts(buffer_1, text.text), buffer_puts(buffer_1, ";\n");
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-mktab";
  read_options(&argc, &argv);
  if (argc < 1 || argc > 2) strerr_dieusage(100, USAGE);
  struct table_sql const *t = table_of(argv[0]);
  char const *root = argc == 2 ? argv[1] : "ezmlm";
  if (!subdb_is_table(root, strlen(root))) strerr_dief(100, "the table's name is not of letters, digits, _ and -, or has more than 40");
  if (drops) print(t, root, table_drop_next);
  if (creates) print(t, root, table_make_next);
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write");
  return 0;
}
