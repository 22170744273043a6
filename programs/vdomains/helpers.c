#include <unistd.h>

#include <skalibs/strerr.h>

#include "confine.h"
#include "helpers.h"
#include "home.h"
#include "store_choice.h"
#include "store_names.h"
#include "text.h"

static struct store const *helpers[STORE_KINDS];
static size_t count;

static void add(struct store const *store)
{
  for (size_t i = 0; i < count; i++)
    if (helpers[i] == store) return;
  helpers[count++] = store;
}

size_t helpers_read(void)
{
  stralloc text = STRALLOC_ZERO;
  struct store const *store;
  if (store_choice_read(&text) == -1) strerr_diefusys(111, "read ", "control/usersbackend");
  for (size_t at = 0; (store = store_choice_next(text.s, text.len, &at));) add(store);
  stralloc_free(&text);
  return count;
}

_Noreturn void helper_run(size_t which)
{
  static stralloc path = STRALLOC_ZERO;
  text_set(&path, HOME "/bin/qmail-store-");
  text_add(&path, helpers[which]->name);
  char *const argv[] = { text_z(&path), 0 };
  execv(path.s, argv);
  strerr_diefusys(111, "run ", path.s);
}

unsigned helpers_calls(void)
{
  return count ? CONFINE_HERE : CONFINE_NO_SOCKETS;
}
