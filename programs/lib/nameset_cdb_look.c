#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cdb_bytes.h"
#include "control.h"
#include "nameset_cdb.h"

static bool is_sum_of(struct nameset const *set, char const *path)
{
  char digits[NAMESET_CDB_SUM + 1];
  struct field source;
  stralloc text = STRALLOC_ZERO;
  bool read = control_slurp_path(&text, path) == 1 && cdb_bytes_find(&source, set->cdb, set->cdb_len, "", 0) == 1;
  size_t len = nameset_cdb_sum(digits, &text);
  stralloc_free(&text);
  return read && !memcmp(source.s + source.len - len, digits, len);
}

static bool is_good(char const *path, struct stat const *text, bool is_map)
{
  struct nameset set;
  if (!nameset_cdb_open(&set, path, text, is_map)) return false;
  bool good = nameset_cdb_is_sound(&set) && is_sum_of(&set, path);
  nameset_free(&set);
  return good;
}

enum nameset_cdb_state nameset_cdb_look(char const *path, bool is_map)
{
  char beside[NAMESET_CDB_PATH_MAX + sizeof ".cdb"];
  struct stat text, cdb;
  bool is_large = stat(path, &text) == 0 && text.st_size >= NAMESET_CDB_MIN;
  snprintf(beside, sizeof beside, "%s.cdb", path);
  if (stat(beside, &cdb) == -1 && errno == ENOENT) return is_large ? NAMESET_CDB_MISSING : NAMESET_CDB_NONE;
  return is_large && is_good(path, &text, is_map) ? NAMESET_CDB_GOOD : NAMESET_CDB_OTHER;
}
