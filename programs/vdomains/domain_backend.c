#include <stdlib.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "change.h"
#include "command.h"
#include "domain_backend.h"
#include "domain_users.h"
#include "named.h"
#include "plan.h"
#include "private_file.h"
#include "refuse.h"
#include "store_choice.h"
#include "store_refuse.h"
#include "text.h"
#include "user_roll.h"

#define CHOICE "control/usersbackend"

static struct named named = NAMED_ZERO;
static struct store const *source, *target;
static int draft;               /* the users as they were copied: each step is a child of its own */

static struct store_domain table_of(struct store const *store)
{
  struct store_domain table = named_table(&named);
  table.store = store;
  return table;
}

static void need(enum store_result r, struct store_domain const *table)
{
  if (r != STORE_DONE) store_refuse(r, table->name);
}

static void read_roll(struct user_roll *roll, struct store const *store)
{
  struct store_domain const table = table_of(store);
  need(user_roll_read(roll, &table), &table);
}

static void apply(struct user_roll const *from, struct user_roll const *to)
{
  struct store_domain const table = table_of(target);
  struct store_edit *edits;
  size_t culprit = 0, count = user_roll_edits(&edits, from, to);
  enum store_result r = count ? store_edit(&table, edits, count, &culprit) : STORE_DONE;
  if (r == STORE_UNFIT) {
    static stralloc name = STRALLOC_ZERO;
    text_setb(&name, edits[culprit].record.name.s, edits[culprit].record.name.len);
    strerr_warnw("this user does not fit into ", target->name, ": ", text_z(&name));
  }
  need(r, &table);
  free(edits);
}

/* ---- there ---- */

static bool is_below_domain(struct field dir)
{
  stralloc const *place = &named.domain.dir;
  return !dir.len || (dir.len > place->len && !memcmp(dir.s, place->s, place->len) && dir.s[place->len] == '/');
}

/* What an earlier change has left there is ours. */
static void refuse_strangers(struct user_roll const *there)
{
  for (size_t i = 0; i < there->count; i++) {
    if (is_below_domain(there->all[i].dir)) continue;
    strerr_warnw("there are users of ", named.domain.real.s, " in ", target->name, " already, with homes elsewhere: somebody else's");
    refuse(VCODE_USERNAME_EXISTS);
  }
}

static int copy(void *nothing)
{
  struct user_roll here = USER_ROLL_ZERO, there = USER_ROLL_ZERO;
  struct store_domain const table = table_of(target);
  size_t culprit;
  (void)nothing;
  need(store_edit(&table, 0, 0, &culprit), &table);
  read_roll(&here, source);
  read_roll(&there, target);
  refuse_strangers(&there);
  apply(&there, &here);
  private_file_keep(draft, &here.text);
  return 0;
}

/* What somebody has changed between the copy and the line. */
static int follow(void *nothing)
{
  struct user_roll then = USER_ROLL_ZERO, now = USER_ROLL_ZERO;
  (void)nothing;
  private_file_read(&then.text, draft);
  user_roll_parse(&then);
  read_roll(&now, source);
  apply(&then, &now);
  return 0;
}

/* ---- the line ---- */

static void add_line(stralloc *plan, enum plan_deed deed, char const *store)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, named.domain.real.s);
  text_addc(&line, ':');
  text_add(&line, store);
  plan_add(plan, deed, CHOICE, text_z(&line));
}

/* Of several lines the last would count. */
static void choose(void)
{
  static stralloc plan = STRALLOC_ZERO;
  static bool is_begun = false;
  plan.len = 0;
  if (!is_begun) change_begin();
  is_begun = true;
  add_line(&plan, PLAN_DROP, source->name);
  add_line(&plan, PLAN_ADD, target->name);
  change_run(&plan);
}

static bool is_chosen(void)
{
  if (store_of(named.domain.real.s) == target) return true;
  strerr_warnw(CHOICE " says something else of ", named.domain.real.s, " in a line that is not in lower case, or twice");
  return false;
}

static int end(char const *how)
{
  buffer_puts(buffer_1, "converting ");
  buffer_puts(buffer_1, named.domain.real.s);
  buffer_puts(buffer_1, how);
  buffer_flush(buffer_1);
  return 0;
}

static int move_users(void)
{
  int status = named_work(&named, copy, 0);
  if (status) return status;
  choose();
  if (!is_chosen()) return REFUSE_NO;
  status = named_work(&named, follow, 0);
  return status ? status : end("...    done\n");
}

int domain_backend_change(char const *word, struct store const *to)
{
  named_read_domain(&named, word);
  target = to;
  source = store_of(named.domain.real.s);
  if (!target->edit) refuse_saying(VCODE_READ_ONLY, "that back end is only read");
  if (source == target) return end("...    is there already\n");
  domain_users_refuse_owner_in(&named.domain, target);
  if (command_only_says("move to another back end the users of ", named.domain.real.s)) return 0;
  draft = private_file_draft();
  int status = move_users();
  fd_close(draft);
  return status;
}
