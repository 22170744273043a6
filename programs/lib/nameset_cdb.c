#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "cdb_bytes.h"
#include "cdb_records.h"
#include "checksum.h"
#include "nameset_cdb.h"

size_t nameset_cdb_stamp(char stamp[NAMESET_CDB_STAMP_MAX], struct stat const *text, bool is_map)
{
  return (size_t)snprintf(stamp, NAMESET_CDB_STAMP_MAX, "names 1 %s %lld %lld.%09ld %lld.%09ld ", is_map ? "map" : "list",
                          (long long)text->st_size, (long long)text->st_mtim.tv_sec, text->st_mtim.tv_nsec,
                          (long long)text->st_ctim.tv_sec, text->st_ctim.tv_nsec);
}

size_t nameset_cdb_sum(char digits[NAMESET_CDB_SUM + 1], stralloc const *text)
{
  return (size_t)snprintf(digits, NAMESET_CDB_SUM + 1, "%08x", (unsigned)checksum(0, text->s, text->len));
}

/* ---- opening ---- */

static bool map_file(struct nameset *set, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > UINT32_MAX) return false;
  void *bytes = mmap(0, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) return false;
  set->cdb = bytes;
  set->cdb_len = (size_t)st.st_size;
  return set->is_mapped = true;
}

static bool is_of(struct nameset const *set, struct stat const *text, bool is_map)
{
  char stamp[NAMESET_CDB_STAMP_MAX];
  struct field value;
  size_t len = nameset_cdb_stamp(stamp, text, is_map);
  return cdb_bytes_find(&value, set->cdb, set->cdb_len, "", 0) == 1 && value.len == len + NAMESET_CDB_SUM
      && !memcmp(value.s, stamp, len);
}

static int open_beside(char const *path)
{
  char place[NAMESET_CDB_PATH_MAX + sizeof ".cdb"];
  if (strlen(path) > NAMESET_CDB_PATH_MAX) return errno = ENAMETOOLONG, -1;
  strcpy(place, path);
  strcat(place, ".cdb");
  return openc_read(place);
}

bool nameset_cdb_open(struct nameset *set, char const *path, struct stat const *text, bool is_map)
{
  *set = (struct nameset)NAMESET_ZERO;
  int fd = text->st_size < NAMESET_CDB_MIN ? -1 : open_beside(path);
  if (fd == -1) return false;
  bool is_it = map_file(set, fd) && is_of(set, text, is_map);
  fd_close(fd);
  if (!is_it) nameset_free(set);
  return is_it;
}

/* ---- from end to end ---- */

/* Then no question can meet what is damaged. */
bool nameset_cdb_is_sound(struct nameset const *set)
{
  struct field key, value, found;
  size_t at = 0;
  enum cdb_records_result r;
  while ((r = cdb_records_next(&key, &value, set->cdb, set->cdb_len, &at)) == CDB_RECORDS_ONE)
    if (cdb_bytes_find(&found, set->cdb, set->cdb_len, key.s, key.len) != 1 || found.s != value.s) return false;
  return r == CDB_RECORDS_END;
}

bool nameset_cdb_keep(struct nameset *set)
{
  stralloc bytes = STRALLOC_ZERO;
  bool kept = bytes_setb(&bytes, set->cdb, set->cdb_len);
  nameset_free(set);
  if (!kept) {
    stralloc_free(&bytes);
    return false;
  }
  set->text = bytes;
  set->cdb = bytes.s;
  set->cdb_len = bytes.len;
  return true;
}
