#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "home_lines.h"
#include "json.h"
#include "maildirsize.h"
#include "text.h"
#include "user_host.h"
#include "user_login.h"
#include "user_show.h"
#include "vflags.h"

/* ---- his home ---- */

static void login_find(struct user_facts *facts, int home, stralloc *space)
{
  struct user_login login;
  if (!user_login_find(&login, home, space)) return;
  facts->last_login = login.last;
  facts->made = login.made;
  facts->login_ip = login.ip;
}

static void usage_find(struct user_facts *facts, int home)
{
  struct maildirsize ledger;
  int maildir = openat(home, "Maildir", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (maildir == -1) return;
  facts->has_usage = maildirsize_open(&ledger, maildir, &facts->quota, 0);
  if (facts->has_usage) {
    facts->usage = ledger.usage;
    maildirsize_close(&ledger);
  }
  fd_close(maildir);
}

void user_facts_find(struct user_facts *facts, stralloc *space)
{
  int home = home_lines_open(facts->record->dir);
  space->len = 0;
  quota_parse(&facts->quota, facts->record->quota.s, facts->record->quota.len);
  if (home == -1 && errno != ENOENT) strerr_warnwusys("open a home of ", facts->domain);
  if (home == -1) return;
  login_find(facts, home, space);
  usage_find(facts, home);
  if (user_host_find(facts->host, home, facts->record->name) == -1)
    strerr_warnwusys("read ", home_lines_names[HOME_HOST], " in a home of ", facts->domain);
  fd_close(home);
}

/* ---- words ---- */

static void add_field(stralloc *to, struct field f)
{
  text_addb(to, f.s, f.len);
}

static void add_usage(stralloc *to, struct user_facts const *facts)
{
  if (quota_is_none(&facts->quota)) text_add(to, "NOQUOTA");
  else if (!facts->has_usage) text_add(to, "unknown");
  else {
    text_addu(to, quota_percent(&facts->quota, &facts->usage));
    text_addc(to, '%');
  }
}

/* As asctime(3) has it, without its newline. */
static void add_time(stralloc *to, time_t when)
{
  struct tm tm;
  char text[64];
  if (localtime_r(&when, &tm) && strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &tm)) text_add(to, text);
}

static void add_login(stralloc *to, struct user_facts const *facts)
{
  if (facts->last_login) add_time(to, facts->last_login);
  else text_add(to, "Never logged in");
}

static void add_word(stralloc *to, struct user_facts const *facts, enum user_field which)
{
  struct vpasswd const *r = facts->record;
  switch (which) {
    case USER_NAME: add_field(to, r->name); break;
    case USER_HASH: add_field(to, r->hash); break;
    case USER_CLEAR: add_field(to, r->clear); break;
    case USER_UID: text_addu(to, r->uid); break;
    case USER_FLAGS: text_addu(to, r->flags); break;
    case USER_COMMENT: add_field(to, r->comment); break;
    case USER_DIR: add_field(to, r->dir); break;
    case USER_QUOTA: add_field(to, r->quota); break;
    case USER_USAGE: add_usage(to, facts); break;
    case USER_LOGIN: add_login(to, facts); break;
    case USER_HOST: text_add(to, facts->host); break;
    case USER_FIELDS: break;
  }
}

void user_show_field(stralloc *to, struct user_facts const *facts, enum user_field which)
{
  add_word(to, facts, which);
  text_addc(to, '\n');
}

/* ---- all of them ---- */

static void add_line(stralloc *to, char const *label, struct user_facts const *facts, enum user_field which)
{
  text_add(to, label);
  user_show_field(to, facts, which);
}

static uint32_t effective(struct user_facts const *facts)
{
  return vflags_effective(facts->record->flags, facts->domain_flags);
}

static void add_limits(stralloc *to, struct user_facts const *facts)
{
  uint32_t const all = effective(facts), borrowed = all & ~facts->record->flags;
  text_add(to, all ? "limits:\n" : "limits: No user limits set.\n");
  for (struct vflag const *f = vflags; f->bit; f++) {
    if (!(all & f->bit)) continue;
    text_add(to, "  ");
    text_add(to, f->sentence);
    text_add(to, borrowed & f->bit ? " (*)\n" : "\n");
  }
  if (borrowed) text_add(to, "  (*) domain limit in effect\n");
}

static void add_times(stralloc *to, struct user_facts const *facts)
{
  if (facts->made) {
    text_add(to, "account created: ");
    add_time(to, facts->made);
    text_addc(to, '\n');
  }
  add_line(to, "last auth: ", facts, USER_LOGIN);
  if (!facts->last_login) return;
  text_add(to, "last auth ip: ");
  add_field(to, facts->login_ip);
  text_addc(to, '\n');
}

void user_show_all(stralloc *to, struct user_facts const *facts)
{
  add_line(to, "name:   ", facts, USER_NAME);
  add_line(to, "passwd: ", facts, USER_HASH);
  add_line(to, "clear passwd: ", facts, USER_CLEAR);
  add_line(to, "comment/gecos: ", facts, USER_COMMENT);
  add_line(to, "uid:    ", facts, USER_UID);
  add_line(to, "gid:    ", facts, USER_FLAGS);
  text_add(to, "flags:  ");
  text_addu(to, effective(facts));
  add_line(to, "\ngecos: ", facts, USER_COMMENT);
  add_limits(to, facts);
  add_line(to, "dir:       ", facts, USER_DIR);
  add_line(to, "quota:     ", facts, USER_QUOTA);
  add_line(to, "usage:     ", facts, USER_USAGE);
  if (*facts->host) add_line(to, "host:      ", facts, USER_HOST);
  add_times(to, facts);
}

/* ---- for programs ---- */

static void add_json(stralloc *to, char const *name, struct field value)
{
  text_add(to, name);
  if (!json_text(to, value.s, value.len)) die_nomem();
}

static void add_number(stralloc *to, char const *name, uint64_t value)
{
  text_add(to, name);
  text_addu(to, value);
}

static void add_flags(stralloc *to, char const *name, uint32_t bits)
{
  char const *before = "";
  text_add(to, name);
  text_addc(to, '[');
  for (struct vflag const *f = vflags; f->bit; f++) {
    if (!(bits & f->bit)) continue;
    text_add(to, before);
    add_json(to, "", (struct field){ f->name, strlen(f->name) });
    before = ",";
  }
  text_addc(to, ']');
}

static void add_json_usage(stralloc *to, struct user_facts const *facts)
{
  if (quota_is_none(&facts->quota) || !facts->has_usage) return;
  add_number(to, ",\"usage_bytes\":", facts->usage.bytes);
  add_number(to, ",\"usage_messages\":", facts->usage.messages);
  add_number(to, ",\"usage_percent\":", quota_percent(&facts->quota, &facts->usage));
}

void user_show_json(stralloc *to, struct user_facts const *facts)
{
  struct vpasswd const *r = facts->record;
  add_json(to, "{\"name\":", r->name);
  add_json(to, ",\"domain\":", (struct field){ facts->domain, strlen(facts->domain) });
  add_json(to, ",\"passwd\":", r->hash);
  if (r->has_clear) add_json(to, ",\"clear\":", r->clear);
  add_json(to, ",\"comment\":", r->comment);
  add_number(to, ",\"uid\":", r->uid);
  add_number(to, ",\"gid\":", r->flags);
  add_flags(to, ",\"limits\":", r->flags);
  add_flags(to, ",\"domain_limits\":", effective(facts) & ~r->flags);
  add_json(to, ",\"dir\":", r->dir);
  add_json(to, ",\"quota\":", r->quota);
  add_json_usage(to, facts);
  if (*facts->host) add_json(to, ",\"host\":", field_of(facts->host));
  if (facts->made) add_number(to, ",\"created\":", (uint64_t)facts->made);
  if (facts->last_login) add_number(to, ",\"last_auth\":", (uint64_t)facts->last_login);
  if (facts->last_login) add_json(to, ",\"last_auth_ip\":", facts->login_ip);
  text_add(to, "}\n");
}
