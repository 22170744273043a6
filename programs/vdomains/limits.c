#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "dir_file.h"
#include "limits.h"
#include "refuse.h"
#include "site.h"
#include "text.h"

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

/* ---- of the site ---- */

static struct vlimits of_site;
static bool is_read = false;

/* The owner of a domain who is neither root nor vpopmail may not look there. */
static bool is_hidden(void)
{
  return errno == EACCES && geteuid() != 0;
}

static void site_file_read(int etc)
{
  if (faccessat(etc, LIMITS_OF_SITE, R_OK, AT_EACCESS) == -1 && is_hidden()) strerr_warnwusys("read ", LIMITS_OF_SITE);
  else file_read(&of_site, etc, LIMITS_OF_SITE);
}

void limits_site_read(void)
{
  vlimits_nothing(&of_site);
  is_read = true;
  int etc = site_open_etc();
  if (etc == -1 && errno == ENOENT) return;
  if (etc == -1 && !is_hidden()) strerr_diefusys(111, "open ", site_find()->home, "/etc");
  if (etc == -1) strerr_warnwusys("open ", site_find()->home, "/etc");
  else {
    site_file_read(etc);
    fd_close(etc);
  }
}

/* ---- of a domain ---- */

void limits_read(struct vlimits *limits, int directory)
{
  struct vlimits own;
  vlimits_nothing(&own);
  if (!is_read) limits_site_read();
  *limits = of_site;
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
