#include <stdbool.h>
#include <string.h>

#include <skalibs/types.h>

#include "address.h"
#include "answer_changed.h"
#include "bytes.h"
#include "log_text.h"
#include "unwaited.h"
#include "vchange.h"

enum { LOGGED_MAX = 512 };              /* bytes of a name */

static struct served served = SERVED_ZERO;

static bool is_his(struct field name, struct asker const *who)
{
  if (who->may_all) return true;
  size_t at = address_at(name.s, name.len), behind = at < name.len ? at + 1 : 0;
  return served_find(&served, (struct field){ name.s + behind, name.len - behind }) == SERVED_DONE && asker_may(who, &served);
}

static bool line_of(stralloc *line, struct vchange const *v, struct users_question const *q, uid_t uid)
{
  char digits[UINT64_FMT];
  digits[uint64_fmt(digits, uid)] = 0;
  return bytes_set(line, "qmail-usersd: changed: ") && bytes_add(line, v->says) && bytes_add(line, " ")
    && log_text(line, q->name.s, q->name.len, LOGGED_MAX) && bytes_add(line, q->secret.len ? " with " : "")
    && log_text(line, q->secret.s, q->secret.len, LOGGED_MAX) && bytes_add(line, " by uid ") && bytes_add(line, digits)
    && bytes_add(line, "\n");
}

/* A line that is not written is no change that is logged. */
static bool log_change(struct vchange const *v, struct users_question const *q, uid_t uid)
{
  static stralloc line = STRALLOC_ZERO;
  if (!line_of(&line, v, q, uid) || !unwaited_ready(2)) return false;
  unwaited_write(2, line.s, line.len);
  return true;
}

void answer_changed(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  struct vchange const *v = vchange_find(q->challenge);
  a->said = SAID_NOT_YOURS;
  if (v && q->name.len && is_his(q->name, who)) a->said = log_change(v, q, who->uid) ? SAID_LET_IN : SAID_TROUBLE;
}
