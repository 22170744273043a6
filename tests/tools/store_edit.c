/* store_edit DIRECTORY VERB [NAME]: add, remove or find a user in the tables of a directory, or list all, one a line.
   Exits 0 when it is done, 1 when there is such a user already or none, 111 when that cannot be told. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static bool print(void *with, struct vpasswd const *record)
{
  return fprintf(with, "%.*s\n", (int)record->name.len, record->name.s) > 0;
}

static enum store_result run(struct store_domain const *domain, char const *verb, char const *name)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record = { text(name), text("h"), text("c"), text("/d"), text("q"), text(""), 0, 0, false };
  if (!strcmp(verb, "add")) return store_add(domain, &record);
  if (!strcmp(verb, "remove")) return store_remove(domain, record.name);
  if (!strcmp(verb, "find")) return store_find(domain, &record, &space, text(name));
  return store_list(domain, print, stdout);
}

int main(int argc, char **argv)
{
  if (argc < 3) return 100;
  struct store_domain domain = { "example.net", open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC), &store_cdb, STORE_AS_IT_IS };
  enum store_result r = domain.directory == -1 ? STORE_TROUBLE : run(&domain, argv[2], argc > 3 ? argv[3] : "");
  if (r == STORE_TROUBLE) fprintf(stderr, "store_edit: %s\n", strerror(errno));
  return r == STORE_DONE ? 0 : r == STORE_TROUBLE ? 111 : 1;
}
