#include <string.h>

#include "bytes.h"
#include "users_ask.h"
#include "whose_internal.h"

/* The line +example.net- gives whatever follows to the domain, whose name is its user: no account has a dot in its own. */
static bool is_in_virtual_domain(struct whose const *w, char const *box, size_t prefix)
{
  return w->user.dash.len == 1 && w->user.dash.s[0] == '-' && box[prefix] == '-'
    && memchr(box, '.', prefix) && memchr(w->user.name.s, '.', w->user.name.len);
}

static enum whose_kind kind_of(enum users_said said)
{
  static enum whose_kind const kinds[SAID_WORDS] = {
    [SAID_MAILBOX] = WHOSE_ACCOUNT, [SAID_TAKEN] = WHOSE_MAY_BE, [SAID_UNSEEN] = WHOSE_MAY_BE,
    [SAID_NOBODY] = WHOSE_NOBODY, [SAID_LOCKED] = WHOSE_LOCKED, [SAID_FULL] = WHOSE_FULL,
    [SAID_FULL_NOW] = WHOSE_FULL_NOW, [SAID_NOT_YOURS] = WHOSE_MAY_BE
  };
  return kinds[said] == WHOSE_NOT_MINE ? WHOSE_UNKNOWN_NOW : kinds[said];
}

static enum whose_kind ask(struct whose *w, char const *box, size_t prefix)
{
  static stralloc name = STRALLOC_ZERO;
  static struct users_heard heard;
  if (!bytes_setx(&name, &w->user.ext) || !bytes_addc(&name, '@') || !bytes_addb(&name, box, prefix)) return WHOSE_UNKNOWN_NOW;
  struct users_question const q = { .verb = USERS_WHO, .name = { name.s, name.len } };
  return kind_of(users_ask(&heard, &q, 1000 * WHOSE_SECONDS));
}

enum whose_kind whose_ask_service(struct whose *w, char const *box)
{
  size_t len = strlen(box);
  if (len <= w->user.ext.len) return WHOSE_NOT_MINE;
  size_t prefix = len - w->user.ext.len - 1;
  return is_in_virtual_domain(w, box, prefix) && users_ask_is_possible() ? ask(w, box, prefix) : WHOSE_NOT_MINE;
}
