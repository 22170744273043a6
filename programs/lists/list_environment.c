#include <stdlib.h>

#include "list_environment.h"
#include "list_sender.h"
#include "list_words.h"

static char const *needed(struct list const *l, char const *name, char const *identifier)
{
  char const *value = getenv(name);
  if (!value) list_die(LIST_REFUSED, l, identifier, 0, 0);
  return value;
}

char const *list_default(struct list const *l) { return needed(l, "DEFAULT", "ERR_NODEFAULT"); }
char const *list_local(struct list const *l) { return needed(l, "LOCAL", "ERR_NOLOCAL"); }

bool list_is_for_mail(void)
{
  return getenv("RECIPIENT") != 0;
}

void list_sender(stralloc *to, struct list const *l)
{
  to->len = 0;
  list_sender_plain(to, field_of(needed(l, "SENDER", "ERR_NOSENDER")));
}

void list_sender_answerable(stralloc *to, struct list const *l)
{
  list_sender(to, l);
  struct field const sender = { to->s, to->len };
  if (list_sender_is_bounce(sender)) list_die(LIST_REFUSED, l, "ERR_BOUNCE", 0, 0);
  if (list_sender_is_anonymous(sender)) list_die(LIST_REFUSED, l, "ERR_ANONYMOUS", 0, 0);
}
