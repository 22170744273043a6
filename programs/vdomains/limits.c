#include <errno.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "dir_file.h"
#include "limits.h"
#include "refuse.h"
#include "site.h"
#include "text.h"
#include "tree.h"

_Noreturn static void refuse_file(char const *path, struct vlimits_slip const *slip)
{
  stralloc where = STRALLOC_ZERO;
  text_add(&where, path);
  text_add(&where, " line ");
  text_addu(&where, slip->line);
  strerr_warnw(text_z(&where), ": ", slip->key, " ", slip->reason);
  refuse(VCODE_READ_LIMITS);
}

void limits_read_file(struct vlimits *limits, int directory, char const *path, stralloc *text)
{
  struct vlimits_slip slip;
  text->len = 0;
  if (dir_file_read(text, directory, path, LIMITS_MAX) == -1) {
    strerr_warnwusys("read ", path);
    refuse(VCODE_READ_LIMITS);
  }
  if (!vlimits_parse(limits, &slip, text->s, text->len)) refuse_file(path, &slip);
}

static void file_read(struct vlimits *limits, int directory, char const *path)
{
  static stralloc text = STRALLOC_ZERO;
  limits_read_file(limits, directory, path, &text);
}

static void site_limits_read(struct vlimits *limits)
{
  static stralloc path = STRALLOC_ZERO;
  text_set(&path, site_find()->home);
  text_add(&path, "/etc");
  int etc = tree_open(text_z(&path));
  if (etc == -1 && errno == ENOENT) return;
  if (etc == -1) strerr_diefusys(111, "open ", path.s);
  file_read(limits, etc, LIMITS_OF_SITE);
  fd_close(etc);
}

void limits_read(struct vlimits *limits, int directory)
{
  struct vlimits own;
  vlimits_nothing(limits);
  vlimits_nothing(&own);
  site_limits_read(limits);
  file_read(&own, directory, LIMITS_OF_DOMAIN);
  vlimits_merge(limits, &own);
}

static uint64_t counted(int64_t limit)
{
  return limit > 0 ? (uint64_t)limit : 0;
}

void limits_new_quota(char text[QUOTA_TEXT_SIZE], struct vlimits const *limits)
{
  struct quota quota = {
    .bytes = counted(limits->value[VLIMIT_DEFAULT_QUOTA]),
    .messages = counted(limits->value[VLIMIT_DEFAULT_MAXMSGCOUNT])
  };
  quota_text(text, &quota);
}
