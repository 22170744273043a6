#include <stdbool.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "control.h"
#include "homes.h"
#include "lines.h"
#include "memory.h"
#include "nameset.h"
#include "newcomers.h"
#include "number.h"
#include "pairs.h"
#include "refuse.h"
#include "saying.h"
#include "text.h"

#define PASSWD "/etc/passwd"
#define SHADOW "/etc/shadow"

enum { PASSWD_NAME, PASSWD_HASH, PASSWD_UID, PASSWD_GID, PASSWD_GECOS, PASSWD_PARTS = 7, HASH_MIN = 3 };

static void read_file(stralloc *to, char const *path)
{
  int r = control_slurp_path(to, path);
  if (r == -1) strerr_diefusys(REFUSE_MACHINE, "read ", path);
  if (r == 0) strerr_dief(REFUSE_CALLER, "there is no file ", path);
}

static void add(struct newcomers *to, struct newcomer one)
{
  if (to->count == to->room) {
    to->room = to->room ? 2 * to->room : 64;
    to->all = memory_resized(to->all, to->room, sizeof *to->all);
  }
  to->all[to->count++] = one;
}

void newcomers_skip(struct field name, char const *why)
{
  stralloc sentence = STRALLOC_ZERO;
  text_set(&sentence, "skipping ");
  text_addb(&sentence, name.s, name.len);
  text_add(&sentence, why ? ": " : "");
  text_add(&sentence, why ? why : "");
  saying("says", text_z(&sentence));
  stralloc_free(&sentence);
}

/* ---- pairs ---- */

static void tell_damaged(struct field name)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, name.s, name.len);
  strerr_warnw("a line has no name and hash: ", text_z(&text));
  stralloc_free(&text);
}

size_t newcomers_of_pairs(struct newcomers *to, char const *path)
{
  struct pair pair;
  enum pair_result r;
  size_t damaged = 0;
  read_file(&to->text, path);
  for (size_t at = 0; (r = pairs_next(&pair, to->text.s, to->text.len, &at)) != PAIR_END;) {
    if (r == PAIR_DAMAGED) tell_damaged(pair.name), damaged++;
    else if (pair.hash.len < HASH_MIN) newcomers_skip(pair.name, 0);
    else add(to, (struct newcomer){ pair.name, pair.domain, pair.hash, pair.name });
  }
  return damaged;
}

/* ---- accounts ---- */

static struct field hash_of(struct nameset const *shadow, struct field const *parts)
{
  struct field hash = parts[PASSWD_HASH];
  if (hash.len == 1 && *hash.s == 'x') hash.s = nameset_value(shadow, parts[PASSWD_NAME].s, parts[PASSWD_NAME].len, &hash.len);
  if (!hash.s) return (struct field){ "", 0 };
  char const *colon = hash.len ? memchr(hash.s, ':', hash.len) : 0;
  if (colon) hash.len = (size_t)(colon - hash.s);
  return hash;
}

/* Behind a comma stand his room and his telephone. */
static struct field comment_of(struct field gecos)
{
  char const *comma = gecos.len ? memchr(gecos.s, ',', gecos.len) : 0;
  if (comma) gecos.len = (size_t)(comma - gecos.s);
  return gecos;
}

static bool is_person(struct field uid)
{
  uint64_t number;
  return field_is_id(uid) && number_scan(uid.s, uid.len, &number) == uid.len && uid_is_persons((uid_t)number);
}

void newcomers_of_accounts(struct newcomers *to)
{
  static stralloc shadow_text = STRALLOC_ZERO;
  static struct nameset shadow = NAMESET_ZERO;        /* the hashes lie in it */
  struct text_line line;
  struct field parts[PASSWD_PARTS];
  read_file(&to->text, PASSWD);
  read_file(&shadow_text, SHADOW);
  if (!nameset_map(&shadow, shadow_text.s, shadow_text.len)) die_nomem();
  for (size_t at = 0; lines_next(&line, to->text.s, to->text.len, &at);) {
    if (fields_split(parts, PASSWD_PARTS, line.s, line.len) != PASSWD_PARTS || !parts[PASSWD_NAME].len) continue;
    struct field hash = hash_of(&shadow, parts);
    if (hash.len < HASH_MIN || !is_person(parts[PASSWD_UID])) newcomers_skip(parts[PASSWD_NAME], 0);
    else add(to, (struct newcomer){ parts[PASSWD_NAME], { "", 0 }, hash, comment_of(parts[PASSWD_GECOS]) });
  }
}
