#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/bytestr.h>

#include "bytes.h"
#include "cdb_file.h"
#include "control.h"
#include "nameset_cdb.h"

enum { TICK_NS = 20000000 };    /* longer than any clock of files stands still */

static char place[NAMESET_CDB_PATH_MAX + sizeof ".cdb"], aside[NAMESET_CDB_PATH_MAX + sizeof ".cdb.new"];
static char const *failed_doing, *failed_what;

static enum nameset_cdb_made failed(char const *doing, char const *what)
{
  failed_doing = doing;
  failed_what = what;
  return NAMESET_CDB_FAILED;
}

/* ---- the text ---- */

/* A change in the same tick of the clock would not be seen by its time. */
static void wait_for_the_next_tick(struct stat const *text)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t age = (int64_t)(now.tv_sec - text->st_ctim.tv_sec) * 1000000000 + (now.tv_nsec - text->st_ctim.tv_nsec);
  if (age >= 0 && age < TICK_NS) nanosleep(&(struct timespec){ 0, (long)(TICK_NS - age) }, 0);
}

static bool is_same(struct stat const *a, struct stat const *b)
{
  char x[NAMESET_CDB_STAMP_MAX], y[NAMESET_CDB_STAMP_MAX];
  return nameset_cdb_stamp(x, a, true) == nameset_cdb_stamp(y, b, true) && !strcmp(x, y);
}

/* One that changes while it is read is read once more; then whoever changes it is to make the cdb. */
static bool read_text(stralloc *text, struct stat *st, char const *path)
{
  for (int i = 0; i < 2; i++) {
    struct stat after;
    text->len = 0;
    if (stat(path, st) == -1) return false;
    wait_for_the_next_tick(st);
    if (control_slurp_path(text, path) != 1 || stat(path, &after) == -1) return false;
    if (is_same(st, &after) && text->len == (size_t)after.st_size) return true;
  }
  errno = EBUSY;
  return false;
}

/* ---- the records ---- */

static bool is_fit(struct nameset const *set)
{
  for (size_t i = 0; i < set->count; i++)
    if (set->entries[i].name_len > NAMESET_CDB_NAME_MAX) return false;
  return true;
}

static bool add_source(struct cdb_file *c, struct stat const *st, stralloc const *text, bool is_map)
{
  char stamp[NAMESET_CDB_STAMP_MAX], sum[NAMESET_CDB_SUM + 1];
  stralloc whole = STRALLOC_ZERO;
  bool made = bytes_setb(&whole, stamp, nameset_cdb_stamp(stamp, st, is_map)) && bytes_addb(&whole, sum, nameset_cdb_sum(sum, text));
  if (!made) cdb_file_forget(c);
  made = made && cdb_file_add(c, "", 0, whole.s, whole.len);
  stralloc_free(&whole);
  return made;
}

static bool add_name(struct cdb_file *c, struct nameset const *set, struct nameset_entry const *e)
{
  char key[NAMESET_CDB_NAME_MAX + 1] = { NAMESET_CDB_NAME };
  memcpy(key + 1, set->text.s + e->name, e->name_len);
  case_lowerb(key + 1, e->name_len);
  return cdb_file_add(c, key, e->name_len + 1, set->text.s + e->value, e->value_len);
}

/* Equal names are one entry already, with the value that counts. */
static bool write_cdb(struct cdb_file *c, struct nameset const *set, struct stat const *st, stralloc const *text, bool is_map)
{
  if (!cdb_file_begin(c, place, aside, 0644) || !add_source(c, st, text, is_map)) return false;
  for (size_t i = 0; i < set->count; i++)
    if (!add_name(c, set, set->entries + i)) return false;
  return cdb_file_commit(c);
}

/* ---- the making ---- */

static enum nameset_cdb_made remove_old(enum nameset_cdb_made otherwise)
{
  if (unlink(place) == 0 || errno == ENOENT) return otherwise;
  return failed("remove ", place);
}

static enum nameset_cdb_made make(stralloc *text, struct nameset *set, char const *path, struct stat *st, bool is_map)
{
  struct cdb_file c = CDB_FILE_ZERO;
  if (!read_text(text, st, path)) return failed("read ", path);
  if (!(is_map ? nameset_map : nameset_list)(set, text->s, text->len)) return failed("read ", path);
  if (!is_fit(set)) return remove_old(NAMESET_CDB_UNFIT);
  return write_cdb(&c, set, st, text, is_map) ? NAMESET_CDB_MADE : failed(c.file.doing, c.file.what);
}

static enum nameset_cdb_made renew(char const *path, bool is_map)
{
  struct stat st;
  stralloc text = STRALLOC_ZERO;
  struct nameset set = NAMESET_ZERO;
  bool is_there = stat(path, &st) == 0;
  if (!is_there && errno != ENOENT) return failed("read ", path);
  if (!is_there || st.st_size < NAMESET_CDB_MIN) return remove_old(NAMESET_CDB_NEEDLESS);
  if (nameset_cdb_look(path, is_map) == NAMESET_CDB_GOOD) return NAMESET_CDB_FRESH;
  enum nameset_cdb_made made = make(&text, &set, path, &st, is_map);
  stralloc_free(&text);
  nameset_free(&set);
  return made;
}

enum nameset_cdb_made nameset_cdb_make(char const *path, bool is_map, char const **doing, char const **what)
{
  if (strlen(path) > NAMESET_CDB_PATH_MAX) return errno = ENAMETOOLONG, NAMESET_CDB_FAILED;
  snprintf(place, sizeof place, "%s.cdb", path);
  snprintf(aside, sizeof aside, "%s.cdb.new", path);
  enum nameset_cdb_made made = renew(path, is_map);
  *doing = failed_doing;
  *what = failed_what;
  return made;
}
