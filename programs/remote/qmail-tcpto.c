/* qmail-tcpto: show which hosts did not answer lately and are therefore left alone.

   runs as   root or qmailr
   reads     queue/lock/tcpto
   exits     0, or 111 with a line on standard output when the table cannot be read
*/

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "home.h"
#include "tcpto.h"

static char const *const troubles[] = {
  [TCPTO_CANNOT_OPEN] = "open tcpto", [TCPTO_CANNOT_LOCK] = "lock tcpto", [TCPTO_CANNOT_READ] = "read tcpto"
};

static int fatal(char const *what)
{
  printf("fatal: unable to %s: %s\n", what, strerror(errno));
  return 111;
}

static void show(struct tcpto_entry const *e, uint64_t now)
{
  char ip[IP46_FMT + 1];
  ip[ip46_fmt(ip, &e->ip)] = 0;
  printf("%s timed out %lld seconds ago; # recent timeouts: %u\n", ip, (long long)(now - e->when), e->count);
}

int main(void)
{
  struct tcpto_table table;
  uint64_t now = (uint64_t)time(0);
  if (chdir(HOME) == -1) return fatal("chdir");
  enum tcpto_trouble trouble = tcpto_read(&table, TCPTO_FILE);
  if (trouble != TCPTO_FINE) return fatal(troubles[trouble]);
  for (size_t i = 0; i < table.count; i++)
    if (table.entries[i].count) show(table.entries + i, now);
  return fflush(stdout) ? 111 : 0;
}
