#include <string.h>

#include <skalibs/strerr.h>

#include "catchall.h"
#include "dir_file.h"
#include "text.h"
#include "vdelivermail_line.h"
#include "vname.h"

enum { INSTRUCTIONS_MAX = 65536 };

static bool is_path_of_user(struct named const *named, struct field path)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  space.len = 0;
  if (!named_find(named, &record, &space)) return false;
  return record.dir.len == path.len && memcmp(record.dir.s, path.s, path.len) == 0;
}

static bool same(stralloc const *a, stralloc const *b)
{
  return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static bool is_address_of_user(struct named const *named, struct field address)
{
  static stralloc user = STRALLOC_ZERO, domain = STRALLOC_ZERO;
  if (!vname_split(&user, &domain, address.s, address.len)) die_nomem();
  return same(&user, &named->user) && (same(&domain, &named->domain.real) || same(&domain, &named->domain.name));
}

static bool goes_to_user(struct named const *named, char const *s, size_t len)
{
  struct vdelivermail_line line;
  if (!vdelivermail_line_parse(&line, s, len)) return false;
  if (line.action == VDELIVERMAIL_DIRECTORY) return is_path_of_user(named, line.target);
  return line.action == VDELIVERMAIL_FORWARD && is_address_of_user(named, line.target);
}

bool catchall_is(struct named const *named, int directory)
{
  stralloc text = STRALLOC_ZERO;
  size_t len;
  bool is = false;
  if (dir_file_read(&text, directory, ".qmail-default", INSTRUCTIONS_MAX) == -1) strerr_diefusys(111, "read ", ".qmail-default");
  text_z(&text);
  for (size_t at = 0; !is && at < text.len; at += len + 1) {
    len = strcspn(text.s + at, "\n");
    is = goes_to_user(named, text.s + at, len);
  }
  stralloc_free(&text);
  return is;
}
