#include <errno.h>
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/random.h>
#include <skalibs/strerr.h>

#include "dns.h"
#include "replace.h"
#include "sts_fetch.h"
#include "sts_look.h"
#include "sts_sessions.h"

enum {
  CHECK_SECONDS = 3600,         /* until the record is looked at again, */
  FAILED_SECONDS = 300,         /* after a failure */
  REFRESH_SECONDS = 86400,      /* until a policy is fetched again that says it is the same */
  REMEMBER_SECONDS = 30 * 86400,        /* that a policy had its time, and it is over */
  REMEMBERED = 8192             /* domains that have no policy */
};

/* ---- who has none ---- */

/* Any worker writes any place: who is overwritten is asked about again, and so is one of two that share a place. */
static struct absent { _Atomic uint32_t until, who; } *absent;
static uint32_t basis;

/* A number by chance, so that nobody can reckon which name shares all 32 bits with that of another. */
bool look_set_up(void)
{
  random_buf((char *)&basis, sizeof basis);
  absent = mmap(0, REMEMBERED * sizeof *absent, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return absent != MAP_FAILED;
}

/* FNV-1a, from another beginning: who shares all 32 bits with another one is rare, and has no policy for an hour at worst. */
static uint32_t number_of(char const *name)
{
  uint32_t h = basis;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return h;
}

static bool is_absent(char const *name, uint32_t now)
{
  uint32_t who = number_of(name);
  struct absent *a = absent + who % REMEMBERED;
  return a->who == who && now < a->until;
}

static void remember_absent(char const *name, uint32_t until)
{
  uint32_t who = number_of(name);
  struct absent *a = absent + who % REMEMBERED;
  a->until = 0;
  a->who = who;
  a->until = until;
}

/* ---- what is there ---- */

static char bytes[STS_ENTRY_MAX], packed[STS_ENTRY_MAX], text[STS_POLICY_MAX];
static struct sts_entry entry;
static struct sts_policy policy;
static bool holds;

static bool load(char const *name, uint32_t now)
{
  bool there = sts_entry_load(&entry, &policy, bytes, name);
  holds = there && sts_entry_holds(&entry, &policy, now);
  return there;
}

/* Two workers may be at the same domain; each writes all of it. */
static bool store(char const *name)
{
  char path[sizeof STS_PLACE + STS_DOMAIN_MAX + 2], aside[sizeof path + 32];
  struct replacement r = REPLACEMENT_ZERO;
  snprintf(path, sizeof path, "%s/%s", STS_PLACE, name);
  snprintf(aside, sizeof aside, "%s/.%ld", STS_PLACE, (long)getpid());
  size_t len = sts_entry_pack(packed, sizeof packed, &entry);
  if (len && replace_begin(&r, path, aside, 0644) && replace_write(&r, packed, len) && replace_commit(&r)) return true;
  strerr_warnwusys("write ", path);
  replace_forget(&r);
  return false;
}

/* What held goes on to hold, as long as its time lasts. */
static enum sts_said keep(char const *name, uint32_t now, uint32_t seconds, enum sts_said otherwise)
{
  if (!holds) {
    remember_absent(name, now + seconds);
    return otherwise;
  }
  entry.again = now + seconds;
  return store(name) ? STS_THERE : STS_UNTOLD;
}

/* ---- the record ---- */

struct records {
  size_t count;
  bool good;
  size_t len;
  char id[STS_ID_MAX];
};

static void hear_text(void *arg, char const *s, size_t len)
{
  struct records *r = arg;
  struct field id;
  if (!sts_is_record(s, len)) return;
  r->count++;
  r->good = sts_record_id(&id, s, len);
  if (!r->good) return;
  memcpy(r->id, id.s, id.len);
  r->len = id.len;
}

static enum sts_said ask_record(struct records *r, char const *name)
{
  char place[STS_DOMAIN_MAX + sizeof "_mta-sts."];
  snprintf(place, sizeof place, "_mta-sts.%s", name);
  *r = (struct records){ 0 };
  switch (dns_texts(place, hear_text, r)) {
    case DNS_SOFT: case DNS_NOMEM: return STS_UNTOLD;
    default: return r->count == 1 && r->good ? STS_THERE : STS_ABSENT;
  }
}

/* ---- the policy ---- */

static bool is_the_same(struct records const *r, uint32_t now)
{
  uint32_t age = now - entry.fetched;
  return holds && field_same(entry.id, (struct field){ r->id, r->len }) && age < REFRESH_SECONDS && age < policy.max_age / 2;
}

static enum sts_said renew(char const *name, struct records const *r, uint32_t now)
{
  size_t len;
  static struct sts_policy fresh;
  char const *why = fetch(text, &len, name);
  enum tlsrpt_result result = !why ? TLSRPT_POLICY_INVALID : fetch_was_unproven() ? TLSRPT_WEBPKI_INVALID : TLSRPT_FETCH_ERROR;
  if (!why && !sts_policy_read(&fresh, text, len)) why = "it is none";
  if (why) {
    sessions_add_session(&(struct tlsrpt_session){ .policy = TLSRPT_STS, .domain = name, .result = result });
    strerr_warnw("MTA-STS policy of ", name, ": ", why);
    return keep(name, now, FAILED_SECONDS, STS_ABSENT);
  }
  bool news = !holds || !field_same(entry.id, (struct field){ r->id, r->len });
  entry = (struct sts_entry){ now + CHECK_SECONDS, now, { r->id, r->len }, { text, len } };
  if (news) strerr_warni("MTA-STS policy of ", name, ": ", sts_modes[fresh.mode]);
  return store(name) ? STS_THERE : STS_UNTOLD;
}

static enum sts_said look_now(char const *name, uint32_t now)
{
  struct records r;
  switch (ask_record(&r, name)) {
    case STS_UNTOLD: return keep(name, now, FAILED_SECONDS, STS_UNTOLD);
    case STS_ABSENT: return keep(name, now, CHECK_SECONDS, STS_ABSENT);
    case STS_THERE: break;
  }
  return is_the_same(&r, now) ? keep(name, now, CHECK_SECONDS, STS_ABSENT) : renew(name, &r, now);
}

enum sts_said look_at(char const *name)
{
  uint32_t now = (uint32_t)time(0);
  if (!load(name, now) && errno) return STS_UNTOLD;
  if (holds && now < entry.again) return STS_THERE;
  if (!holds && is_absent(name, now)) return STS_ABSENT;
  return look_now(name, now);
}

/* ---- all of them ---- */

static void forget(char const *name)
{
  char path[sizeof STS_PLACE + STS_DOMAIN_MAX + 2];
  snprintf(path, sizeof path, "%s/%s", STS_PLACE, name);
  strerr_warni("MTA-STS policy of ", name, ": forgotten, its time is long over");
  unlink(path);
}

/* One whose time is over stays for a while: who sends to the domain tells that it had one. */
static void look_after(char const *name)
{
  uint32_t now = (uint32_t)time(0);
  bool there = load(name, now);
  if (!there && errno) return;
  uint32_t age = now - entry.fetched;
  if (!there || (!holds && age > policy.max_age + REMEMBER_SECONDS)) forget(name);
  else if (!holds && !is_absent(name, now)) look_now(name, now);
  else if (holds && now >= entry.again && (age >= REFRESH_SECONDS || age >= policy.max_age / 2)) look_now(name, now);
}

void look_after_the_old(void)
{
  char name[STS_DOMAIN_MAX + 1];
  struct dirent const *d;
  DIR *dir = opendir(STS_PLACE);
  if (!dir) {
    strerr_warnwusys("open ", STS_PLACE);
    return;
  }
  while ((d = readdir(dir)))
    if (sts_domain(name, d->d_name) && !strcmp(name, d->d_name)) look_after(name);
  closedir(dir);
}
