/* vreorg: the homes of a virtual domain stand again as if its users had come one after the other, by name.

   runs as   root or the owner of the domain; root becomes the owner
   changes   homes, vpasswd and vpasswd.cdb, in the order of user_move.h; then .dir-control and .dir_control_free
   exits     0 done, 1 no such domain, or some homes are in the way, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "dir_control_file.h"
#include "home_place.h"
#include "named.h"
#include "refuse.h"
#include "saying.h"
#include "store_refuse.h"
#include "text.h"
#include "user_move.h"
#include "user_remove.h"

#define USAGE "vreorg [ -v ] [ --json ] [ --dry-run ] domain"

enum { AT_ONCE = 500 };         /* homes: mail for them waits meanwhile, and other commands of the domain */

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;
static stralloc stuck = STRALLOC_ZERO;         /* names of homes that cannot go where they should, a NUL behind each */

/* ---- who stands where he should not ---- */

static struct dir_control counted;
static struct user_move wanted[AT_ONCE];
static size_t wanted_count;

/* A name of one character is that of a directory of homes. */
static void refuse_short(struct field name)
{
  stralloc line = STRALLOC_ZERO;
  if (name.len != 1) return;
  text_set(&line, "a home has the name of a directory of homes: ");
  text_addb(&line, name.s, name.len);
  refuse_saying(VCODE_USER_DIR_EXISTS, text_z(&line));
}

static struct field kept(struct field f)
{
  stralloc text = STRALLOC_ZERO;
  text_setb(&text, f.s, f.len);
  return (struct field){ text_z(&text), text.len };
}

static bool is_stuck(struct field name)
{
  for (size_t at = 0; at < stuck.len; at += strlen(stuck.s + at) + 1)
    if (strlen(stuck.s + at) == name.len && memcmp(stuck.s + at, name.s, name.len) == 0) return true;
  return false;
}

static void want(struct vpasswd const *record, char const *slot)
{
  struct user_move *move = wanted + wanted_count++;
  *move = (struct user_move){ .name = kept(record->name), .dir = kept(record->dir) };
  memcpy(move->slot, slot, sizeof move->slot);
}

static void tell(struct vpasswd const *record, char const *from, char const *to)
{
  static stralloc sentence = STRALLOC_ZERO;
  text_set(&sentence, "move ");
  text_addb(&sentence, record->name.s, record->name.len);
  text_add(&sentence, *from ? " from " : " from .");
  text_add(&sentence, from);
  text_add(&sentence, *to ? " to " : " to .");
  text_add(&sentence, to);
  saying("would", text_z(&sentence));
}

/* A home that is elsewhere stays there, and has no place here. */
static bool look(void *nothing, struct vpasswd const *record)
{
  static struct home_place place = HOME_PLACE_ZERO;
  (void)nothing;
  refuse_short(record->name);
  if (!home_place_find(&place, named.domain.dir.s, record)) return true;
  dir_control_add(&counted);
  if (strcmp(place.slot, counted.dir) == 0 || is_stuck(record->name)) return true;
  if (command_is_dry()) tell(record, place.slot, counted.dir);
  else want(record, counted.dir);
  return wanted_count < AT_ONCE;
}

static void look_at_all(struct store_domain const *table)
{
  dir_control_fresh(&counted);
  wanted_count = 0;
  enum store_result listed = store_list(table, look, 0);
  if (listed != STORE_DONE) store_refuse(listed, table->name);
}

/* ---- moving ---- */

static void note_stuck(struct user_move const *move)
{
  if (!move->is_stuck) return;
  strerr_warnw("stays, since something else has this name where the home would be: ", move->name.s);
  text_addb(&stuck, move->name.s, move->name.len + 1);
}

static void forget_wanted(void)
{
  for (size_t i = 0; i < wanted_count; i++) {
    note_stuck(wanted + i);
    free((char *)wanted[i].name.s);
    free((char *)wanted[i].dir.s);
  }
}

/* Whether there may be more of them. */
static bool move_some(struct store_domain const *table)
{
  int held = home_place_lock(table->directory);
  look_at_all(table);
  size_t const count = wanted_count;
  if (count) refuse_unless_ok(user_move_many(table, named.domain.dir.s, wanted, count));
  else if (!dir_control_renew(table->directory, counted.users)) home_trouble("write ", ".dir-control");
  fd_close(held);
  forget_wanted();
  return count;
}

static int work(void *nothing)
{
  struct store_domain table = named_table(&named);
  (void)nothing;
  if (command_is_dry()) {
    look_at_all(&table);
    return 0;
  }
  user_remove_finish(&table, named.domain.dir.s);
  while (move_some(&table));
  return stuck.len ? REFUSE_NO : 0;
}

int main(int argc, char *const *argv)
{
  PROG = "vreorg";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  enter_home();
  named_read_domain(&named, command.words[0]);
  return named_work(&named, work, 0);
}
