#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "crowd.h"
#include "dir_file.h"
#include "kept_file.h"
#include "limits.h"
#include "owned.h"
#include "served.h"
#include "site.h"
#include "store_choice.h"
#include "tree.h"
#include "vflags.h"
#include "vname.h"

static enum served_result kind_of_error(void)
{
  return errno == EACCES || errno == EPERM ? SERVED_UNSEEN : SERVED_TROUBLE;
}

enum served_result served_find(struct served *s, struct field domain)
{
  static stralloc prefix = STRALLOC_ZERO;
  if (!bytes_setb(&prefix, domain.s, domain.len) || !bytes_addc(&prefix, '-')) return SERVED_TROUBLE;
  switch (users_find_prefix(&s->user, prefix.s, prefix.len)) {
    case USERS_FOUND: return SERVED_DONE;
    case USERS_NOBODY: return SERVED_NONE;
    default: return SERVED_TROUBLE;
  }
}

bool served_is_ours(struct served const *s)
{
  return s->user.uid == geteuid();
}

bool served_elsewhere(struct served const *s, struct users_answer *a)
{
  if (geteuid() != site_find()->uid || !owned_is_answered_for(&s->user)) return false;
  a->uid = s->user.uid;
  a->gid = s->user.gid;
  return true;
}

/* ---- what stays open for the next question ---- */

static struct {
  stralloc path;
  struct kept_file directory, table, text;
} kept = { STRALLOC_ZERO, KEPT_FILE_NONE, KEPT_FILE_NONE, KEPT_FILE_NONE };

void served_forget(void)
{
  kept_file_close(&kept.directory);
  kept_file_close(&kept.table);
  kept_file_close(&kept.text);
}

static bool is_kept(stralloc const *path)
{
  struct stat st;
  return kept.directory.number && kept.path.len == path->len && !memcmp(kept.path.s, path->s, path->len)
    && stat(path->s, &st) == 0 && kept_file_is(&kept.directory, &st);
}

/* What lies there was reached with care, and is still what the path leads to. */
static int open_directory(stralloc const *path)
{
  if (is_kept(path)) return kept.directory.fd;
  served_forget();
  int fd = tree_open(path->s);
  if (fd == -1) return -1;
  kept_file_hold(&kept.directory, fd);
  if (!bytes_setx(&kept.path, path)) kept.directory.number = 0;
  return fd;
}

enum served_result served_open(struct served *s)
{
  if (!crowd_enter(&s->user.home)) return SERVED_TROUBLE;
  store_cdb_keep(&kept.table);
  s->directory = open_directory(&s->user.home);
  return s->directory == -1 ? kind_of_error() : SERVED_DONE;
}

int served_text(struct served const *s, stralloc *to, char const *name, size_t max)
{
  return kept_file_read(&kept.text, to, s->directory, name, max);
}

struct store_domain served_table(struct served const *s)
{
  return (struct store_domain){ s->user.name.s, s->directory, store_of(s->user.name.s), STORE_AS_IT_IS };
}

enum served_result served_user(struct served *s, struct field name)
{
  struct store_domain domain = served_table(s);
  domain.age = STORE_AS_IT_WAS_WITH_HASH;
  enum store_result r = store_find(&domain, &s->record, &s->space, name);
  s->is_old = r == STORE_LATELY;
  switch (r) {
    case STORE_DONE: case STORE_LATELY: return SERVED_DONE;
    case STORE_NO_USER: return SERVED_NONE;
    default: return kind_of_error();
  }
}

void served_close(struct served *s)
{
  s->directory = -1;
  crowd_leave();
}

/* ---- flags ---- */

static bool read_limits(struct vlimits *limits, int directory, char const *name)
{
  static stralloc text = STRALLOC_ZERO;
  struct vlimits_slip slip;
  text.len = 0;
  int r = dir_file_read(&text, directory, name, LIMITS_MAX);
  if (r == 1 && !vlimits_parse(limits, &slip, text.s, text.len)) return errno = EPROTO, false;
  return r != -1;
}

static bool read_limits_of_site(struct vlimits *limits)
{
  int etc = site_open_etc();
  if (etc == -1) return errno == ENOENT;
  bool done = read_limits(limits, etc, LIMITS_OF_SITE);
  fd_close(etc);
  return done;
}

static bool limits_of_site(struct vlimits *limits)
{
  vlimits_nothing(limits);
  if (geteuid() == site_find()->uid) return read_limits_of_site(limits);
  limits->flags = USERS_FLAGS_OF_SITE;
  return true;
}

enum served_result served_site_flags(uint32_t *flags)
{
  struct vlimits all;
  if (!limits_of_site(&all)) return SERVED_TROUBLE;
  *flags = all.flags;
  return SERVED_DONE;
}

static bool limits_of_both(struct served const *s, struct vlimits *all)
{
  struct vlimits own;
  vlimits_nothing(&own);
  if (!limits_of_site(all) || !read_limits(&own, s->directory, LIMITS_OF_DOMAIN)) return false;
  vlimits_merge(all, &own);
  return true;
}

enum served_result served_flags(struct served *s, uint32_t *flags)
{
  struct vlimits all;
  if (!limits_of_both(s, &all)) return SERVED_TROUBLE;
  *flags = vflags_effective(s->record.flags & ~(uint32_t)USERS_FLAGS_OF_SITE, all.flags);
  return SERVED_DONE;
}

static uint64_t counted(int64_t limit, uint64_t unit)
{
  return limit > 0 && (uint64_t)limit <= QUOTA_NUMBER_MAX / unit ? (uint64_t)limit * unit : 0;
}

enum served_result served_quota(struct served *s, struct quota *quota)
{
  struct vlimits all;
  if (!limits_of_both(s, &all)) return SERVED_TROUBLE;
  *quota = (struct quota){
    .bytes = counted(all.value[VLIMIT_QUOTA], 1 << 20), .messages = counted(all.value[VLIMIT_MAXMSGCOUNT], 1)
  };
  return SERVED_DONE;
}

/* ---- rules of delivery ---- */

static bool read_rules(struct vrules *rules, int directory, char const *name)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  int r = dir_file_read(&text, directory, name, VRULES_MAX);
  if (r == 1 && vrules_parse(rules, text.s, text.len)) return errno = EPROTO, false;
  return r != -1;
}

/* A domain that has an owner of its own may not see what the site says. */
static bool is_hidden(void)
{
  return errno == EACCES && geteuid() != site_find()->uid;
}

static bool read_rules_of_site(struct vrules *rules)
{
  int etc = site_open_etc();
  if (etc == -1) return errno == ENOENT || is_hidden();
  bool done = read_rules(rules, etc, VRULES_OF_SITE) || is_hidden();
  fd_close(etc);
  return done;
}

enum served_result served_rules(struct served *s, struct vrules *rules)
{
  *rules = (struct vrules)VRULES_ZERO;
  return read_rules_of_site(rules) && read_rules(rules, s->directory, VRULES_OF_DOMAIN) ? SERVED_DONE : kind_of_error();
}

/* ---- a login without a domain ---- */

enum served_result served_default_domain(stralloc *to, struct field local_ip)
{
  static stralloc ip = STRALLOC_ZERO, map = STRALLOC_ZERO, file = STRALLOC_ZERO;
  map.len = file.len = 0;
  if (!bytes_setb(&ip, local_ip.s, local_ip.len) || !bytes_z(&ip)) return SERVED_TROUBLE;
  if (site_read(&map, SITE_IP_MAP) == -1 || site_read(&file, SITE_DEFAULT_DOMAIN) == -1) return SERVED_TROUBLE;
  struct vname_defaults const from = {
    .local_ip = ip.len ? ip.s : 0, .map = map.s, .map_len = map.len, .file = file.s, .file_len = file.len
  };
  return vname_default_domain(to, &from) ? SERVED_DONE : SERVED_TROUBLE;
}
