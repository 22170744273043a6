#include <stdlib.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "list.h"
#include "list_file.h"
#include "text.h"
#include "web_site.h"

enum { SETTINGS_MAX = 1 << 16 };

int web_site_find(struct web_config *to, uint64_t list)
{
  static stralloc text = STRALLOC_ZERO, path = STRALLOC_ZERO;
  text_set(&path, list_etc()), text_add(&path, "/ezcgirc");
  int r = list_file_read(&text, ".ezcgirc", SETTINGS_MAX);
  if (!r) r = list_file_read(&text, text_z(&path), SETTINGS_MAX);
  return r == 1 ? web_config_find(to, (struct field){ text.s, text.len }, list) : -1;
}

struct field web_site_variable(char const *name)
{
  char const *value = getenv(name);
  return field_of(value ? value : "");
}

void web_site_put(stralloc const *s)
{
  if (allwrite(1, s->s, s->len) < s->len) _exit(LIST_TROUBLE);
}

_Noreturn void web_site_fail(char const *status, char const *why)
{
  stralloc answer = STRALLOC_ZERO;
  text_add(&answer, "Status: "), text_add(&answer, status), text_add(&answer, WEB_SITE_PLAIN);
  text_add(&answer, why), text_add(&answer, "\n");
  web_site_put(&answer);
  _exit(0);
}
