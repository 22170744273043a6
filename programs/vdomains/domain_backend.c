#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "change.h"
#include "command.h"
#include "control.h"
#include "domain.h"
#include "domain_backend.h"
#include "domain_users.h"
#include "fields.h"
#include "named.h"
#include "plan.h"
#include "private_file.h"
#include "refuse.h"
#include "saying.h"
#include "store_choice.h"
#include "store_refuse.h"
#include "text.h"
#include "user_roll.h"

#define CHOICE "control/usersbackend"
#define BEGUN "users/vconvert.begun"

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

/* Where there is given, only of users who are there as they were in from. */
static void apply(struct user_roll const *from, struct user_roll const *to, struct user_roll const *there)
{
  struct store_domain const table = table_of(target);
  struct store_edit *edits;
  size_t culprit = 0, count = user_roll_edits(&edits, from, to);
  if (there) count = user_roll_unchanged(edits, count, from, there);
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
  apply(&there, &here, 0);
  private_file_keep(draft, &here.text);
  return 0;
}

/* What somebody has changed between the copy and the line. When it is late for that, whoever has been changed since where he is now
   stays as he is. */
static int follow(void *late)
{
  struct user_roll then = USER_ROLL_ZERO, now = USER_ROLL_ZERO, there = USER_ROLL_ZERO;
  private_file_read(&then.text, draft);
  user_roll_parse(&then);
  read_roll(&now, source);
  if (late) read_roll(&there, target);
  apply(&then, &now, late ? &there : 0);
  return 0;
}

/* ---- what is begun ---- */

/* Between the line and the end nobody looks at the source any more, and what was changed there last would be lost if we went. So it
   is on disk, before the line, what was copied from where: "DOMAIN SOURCE TARGET", and the users. Only who has the lock of changes has
   such a file. */
struct begun { stralloc text; struct field domain, source, target; };

static void lock(void)
{
  static bool is_locked = false;
  if (!is_locked) change_begin();
  is_locked = true;
}

static void begin(void)
{
  stralloc text = STRALLOC_ZERO, users = STRALLOC_ZERO;
  struct private_file const file = private_file_find(BEGUN);
  private_file_read(&users, draft);
  text_set(&text, named.domain.real.s);
  text_addc(&text, ' ');
  text_add(&text, source->name);
  text_addc(&text, ' ');
  text_add(&text, target->name);
  text_addc(&text, '\n');
  text_addb(&text, users.s, users.len);
  lock();
  private_file_write(file, &text);
  fd_close(file.directory);
  stralloc_free(&text);
  stralloc_free(&users);
}

/* Trouble goes by, and the next one tries again; what does not fit there never will. */
static bool is_over(int status)
{
  return status == 0 || status == REFUSE_NO;
}

static void forget(void)
{
  if (unlink(BEGUN) == -1 && errno != ENOENT) strerr_diefusys(REFUSE_MACHINE, "remove ", BEGUN);
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
  plan.len = 0;
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
  stralloc sentence = STRALLOC_ZERO;
  text_set(&sentence, "converting ");
  text_add(&sentence, named.domain.real.s);
  saying_both("says", text_z(&sentence), how);
  return 0;
}

static int move_users(void)
{
  int status = named_work(&named, copy, 0);
  if (status) return status;
  begin();
  choose();
  if (is_chosen()) status = named_work(&named, follow, 0);
  else status = REFUSE_NO;
  if (is_over(status)) forget();
  return status ? status : end("...    done");
}

/* ---- what was begun by who was killed ---- */

static bool begun_read(struct begun *b)
{
  b->text.len = 0;
  int r = control_slurp_path(&b->text, BEGUN);
  if (r == -1) strerr_diefusys(REFUSE_MACHINE, "read ", BEGUN);
  char const *end = r ? memchr(b->text.s, '\n', b->text.len) : 0;
  if (!end) return false;
  struct field line = { b->text.s, (size_t)(end - b->text.s) };
  b->domain = field_word(&line);
  b->source = field_word(&line);
  b->target = field_word(&line);
  return b->target.len;
}

/* Not of a domain that has gone meanwhile, or whose line was never changed, or again. */
static bool is_to_be_ended(struct begun const *b)
{
  struct domain domain = DOMAIN_ZERO;
  static stralloc name = STRALLOC_ZERO;
  if (!domain_find(&domain, b->domain.s, b->domain.len)) return false;
  text_setb(&name, b->domain.s, b->domain.len);
  named_read_domain(&named, text_z(&name));
  source = store_choice_parse(b->source.s, b->source.len, (struct field){ "", 0 });
  target = store_of(name.s);
  return source && field_is(b->target, target->name);
}

static int end_late(struct begun const *b)
{
  char const *users = (char const *)memchr(b->text.s, '\n', b->text.len) + 1;
  stralloc const text = { .s = (char *)users, .len = (size_t)(b->text.s + b->text.len - users) };
  draft = private_file_draft();
  private_file_keep(draft, &text);
  int status = named_work(&named, follow, &named);
  fd_close(draft);
  if (status) strerr_warnw("what was changed of users of ", named.domain.real.s, " while they were moved could not follow them");
  return status;
}

static int end_begun(void)
{
  struct begun begun = { .text = STRALLOC_ZERO };
  if (command_is_dry() || access(BEGUN, F_OK) == -1) return 0;
  lock();
  int status = begun_read(&begun) && is_to_be_ended(&begun) ? end_late(&begun) : 0;
  if (is_over(status)) forget();
  stralloc_free(&begun.text);
  return status;
}

int domain_backend_change(char const *word, struct store const *to)
{
  int status = end_begun();
  if (status) return status;
  named_read_domain(&named, word);
  target = to;
  source = store_of(named.domain.real.s);
  if (!target->edit) refuse_saying(VCODE_READ_ONLY, "that back end is only read");
  if (source == target) return end("...    is there already");
  domain_users_refuse_owner_in(&named.domain, target);
  if (command_only_says("move to another back end the users of ", named.domain.real.s)) return 0;
  draft = private_file_draft();
  status = move_users();
  fd_close(draft);
  return status;
}
