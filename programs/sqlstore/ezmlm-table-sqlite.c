/* ezmlm-table-sqlite: the subscribers of a mailing list in SQLite, for the program of the list that starts it.

   runs as   the list's owner, started in the list's directory; root becomes whom that belongs to
   reads     questions (table_wire.h) on descriptor 0, subdb or sql in the list's directory
   changes   the tables that the list has there
   exits     0 when nobody asks any more, 100 wrong use, 111 there is no way to them
*/

#include <skalibs/strerr.h>

#include "table_helper.h"

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-table-sqlite";
  return table_helper_main(argc, argv, &table_sqlite, &sql_sqlite);
}
