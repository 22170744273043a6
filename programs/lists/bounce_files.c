#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bounce_files.h"
#include "cookie.h"
#include "list_file.h"
#include "list_lines.h"
#include "list_words.h"
#include "made_directory.h"
#include "replace.h"
#include "text.h"

char const *bounce_place(bool digest)
{
  return digest ? "digest/bounce" : "bounce";
}

int bounce_lock(bool digest)
{
  return list_lock(digest ? "digest/lockbounce" : "lockbounce");
}

static void make(char const *path, char const *above)
{
  if (!made_directory(path, above)) list_die_system(0, "ERR_CREATE", path);
}

/* PLACE/KIND, and PLACE/KIND/NAME in it. */
static void make_below(char const *place, char kind, char const *name)
{
  char above[BOUNCE_PATH_MAX], path[BOUNCE_PATH_MAX];
  snprintf(above, sizeof above, "%s/%c", place, kind);
  snprintf(path, sizeof path, "%s/%c/%s", place, kind, name);
  make(above, place);
  make(path, above);
}

/* ---- numbers ---- */

/* The same name with another letter before REST is the new file. */
static void numbers_path(char path[BOUNCE_PATH_MAX], char const *place, struct field address, char letter)
{
  char hash[COOKIE_LENGTH];
  struct field const nothing = { "", 0 };
  cookie_make(hash, nothing, nothing, address, 0);
  snprintf(path, BOUNCE_PATH_MAX, "%s/h/%c/%c%.*s", place, *hash, letter, COOKIE_LENGTH - 1, hash + 1);
}

void bounce_numbers_path(char path[BOUNCE_PATH_MAX], char const *place, struct field address)
{
  numbers_path(path, place, address, 'h');
}

bool bounce_numbers_there(char const *place, struct field address)
{
  char path[BOUNCE_PATH_MAX];
  struct stat st;
  bounce_numbers_path(path, place, address);
  if (stat(path, &st) == 0) return true;
  if (errno != ENOENT) list_die_system(0, "ERR_STAT", path);
  return false;
}

static bool has_number(stralloc const *numbers, struct field number)
{
  struct field rest = { numbers->s, numbers->len }, line;
  while (list_line_next(&line, &rest))
    if (field_same(field_word(&line), number)) return true;
  return false;
}

static void replace_numbers(char const *path, char const *aside, stralloc const *numbers)
{
  struct replacement r;
  if (!replace_begin(&r, path, aside, 0644) || !replace_write(&r, numbers->s, numbers->len) || !replace_commit(&r)) replace_die(&r);
}

/* More than that is nobody's wish to read. */
void bounce_numbers_add(char const *place, struct field address, struct field number)
{
  char path[BOUNCE_PATH_MAX], aside[BOUNCE_PATH_MAX], letter[2] = "";
  stralloc numbers = STRALLOC_ZERO;
  numbers_path(path, place, address, 'h');
  numbers_path(aside, place, address, 'H');
  *letter = strrchr(path, '/')[-1];
  make_below(place, 'h', letter);
  if (list_file_read(&numbers, path, BOUNCE_NUMBERS_MAX + 64) == -1 && errno != EFBIG) list_die_system(0, "ERR_READ", path);
  if (numbers.len < BOUNCE_NUMBERS_MAX && !has_number(&numbers, number)) {
    text_add(&numbers, "   "), text_addb(&numbers, number.s, number.len), text_add(&numbers, "\n");
    replace_numbers(path, aside, &numbers);
  }
  stralloc_free(&numbers);
}

/* ---- bounces ---- */

/* Several of one process at one time: .1, .2 behind the name. */
static void add_turn(char *path, size_t room)
{
  static unsigned turn = 0;
  if (turn) snprintf(path + strlen(path), room - strlen(path), ".%u", turn);
  turn++;
}

void bounce_keep(char const *place, enum bounce_file kind, uint64_t now, struct field const *pieces)
{
  char path[BOUNCE_PATH_MAX], aside[BOUNCE_PATH_MAX], group[32], name[64];
  struct replacement r;
  bool done;
  snprintf(group, sizeof group, "%llu", (unsigned long long)(now / BOUNCE_GROUP));
  snprintf(name, sizeof name, "%llu.%ld", (unsigned long long)(now % BOUNCE_GROUP), (long)getpid());
  add_turn(name, sizeof name);
  snprintf(path, sizeof path, "%s/d/%s/%c%s", place, group, kind, name);
  snprintf(aside, sizeof aside, kind == BOUNCE_FIRST ? "%s/d/%s_d%s" : "%s/d/%s/W%s", place, group, name);
  make_below(place, 'd', group);
  done = replace_begin(&r, path, aside, 0644);
  for (; done && pieces->s; pieces++) done = replace_write(&r, pieces->s, pieces->len);
  if (!done || !replace_commit(&r)) replace_die(&r);
}
