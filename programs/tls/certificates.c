#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "certificate.h"
#include "certificates.h"
#include "monotonic.h"

enum { GRACE = 15 };            /* seconds for which a fault is not told: key and certificate come one after the other */

struct entry {
  struct certificate *good;     /* null: none yet */
  struct certificate tried;     /* the last one that was not good: its files only */
  bool is_bad, told;
  time_t since;
  bool is_there;                /* still, in this look */
  bool is_hidden;               /* it could not be told, and this is logged */
  struct entry *next;
};

static struct entry *entries;
static struct { struct certificate_for *all; size_t count, room; } names;
static bool has_looked;

/* ---- one of them ---- */

static void forget(struct certificate *c)
{
  if (c) certificate_free(c);
  free(c);
}

static void complain(struct entry *e, struct certificate const *c, char const *why)
{
  if (!e->is_bad || !certificate_is_as(c, &e->tried)) {
    e->tried = *c;
    e->is_bad = true;
    e->told = false;
    e->since = monotonic_seconds();
  }
  e->told = !has_looked || monotonic_seconds() - e->since >= GRACE;
  if (e->told) strerr_warnw(c->path[OF_CHAIN], ": ", why, e->good ? "; the old one stays in use" : "; it is not used");
}

/* One that is out of date is better than none: most who send mail do not look. */
static char const *fault_of(struct entry const *e, struct certificate *c, SSL_CTX *(*new_context)(void))
{
  char const *why = certificate_load(c, new_context);
  if (why || certificate_is_in_date(c) || !e->good || !certificate_is_in_date(e->good)) return why;
  certificate_free(c);
  return "not in force by its dates";
}

static bool is_known(struct entry const *e, struct certificate const *c)
{
  if (e->good && certificate_is_as(c, e->good)) return true;
  return e->told && certificate_is_as(c, &e->tried);
}

/* Room in the table of names for those of this one, in place of the entry's old ones. */
static bool names_fit(struct entry const *of, struct certificate const *c)
{
  size_t room = c->count;
  for (struct entry const *e = entries; e; e = e->next) room += e != of && e->good ? e->good->count : 0;
  if (room <= names.room) return true;
  struct certificate_for *all = realloc(names.all, room * sizeof *all);
  if (!all) return false;
  names.all = all;
  names.room = room;
  return true;
}

static void renew(struct entry *e, struct certificate const *found, SSL_CTX *(*new_context)(void))
{
  if (is_known(e, found)) return;
  struct certificate *c = malloc(sizeof *c);
  if (!c) return;
  *c = *found;
  char const *why = fault_of(e, c, new_context);
  if (why) {
    complain(e, c, why);
    free(c);
    return;
  }
  if (!names_fit(e, c)) {
    forget(c);
    return;
  }
  if (e->good) strerr_warni("renewed ", c->path[OF_CHAIN]);
  forget(e->good);
  e->good = c;
  e->is_bad = e->told = false;
}

/* ---- all of them ---- */

static struct entry *entry_of(char const *stem)
{
  for (struct entry *e = entries; e; e = e->next)
    if (strcmp(e->tried.stem, stem) == 0) return e;
  struct entry *e = calloc(1, sizeof *e);
  if (!e) return 0;
  strcpy(e->tried.stem, stem);
  e->next = entries;
  return entries = e;
}

/* A shortage of ours, or a directory that is closed, is no wish that a certificate be gone: what was there stays. */
static void keep_hidden(struct entry *e, struct certificate const *c, int reason)
{
  if (!e->is_hidden) {
    errno = reason;
    strerr_warnwusys("look at ", c->path[OF_CHAIN], e->good ? "; the old one stays in use" : "; it is not used");
  }
  e->is_hidden = true;
}

static void look_at(char const *directory, char const *stem, SSL_CTX *(*new_context)(void))
{
  struct certificate found;
  bool is_found = certificate_find(&found, directory, stem);
  int reason = is_found ? 0 : errno;
  struct entry *e = reason == ENOENT ? 0 : entry_of(stem);
  if (!e) return;
  e->is_there = true;
  if (!is_found) {
    keep_hidden(e, &found, reason);
    return;
  }
  e->is_hidden = false;
  renew(e, &found, new_context);
}

static void look_at_file(char const *file, SSL_CTX *(*new_context)(void))
{
  char stem[TLS_NAME_MAX + 1];
  size_t len = certificate_stem(file);
  if (!len || len > TLS_NAME_MAX) return;
  memcpy(stem, file, len);
  stem[len] = 0;
  look_at(CERTIFICATES_PLACE, stem, new_context);
}

/* 0, or why not all of it was seen. */
static int look_at_place(SSL_CTX *(*new_context)(void))
{
  int reason = 0;
  DIR *dir = opendir(CERTIFICATES_PLACE);
  if (!dir) return errno;
  for (size_t count = 0; count < 4 * CERTIFICATES_MAX; count++) {
    errno = 0;
    struct dirent const *d = readdir(dir);
    reason = d ? 0 : errno;
    if (!d) break;
    look_at_file(d->d_name, new_context);
  }
  closedir(dir);
  return reason;
}

static void look_at_all(SSL_CTX *(*new_context)(void))
{
  static bool is_hidden;
  look_at(CERTIFICATES_FAMILY, new_context);
  int reason = look_at_place(new_context);
  bool was_hidden = is_hidden;
  is_hidden = reason && reason != ENOENT;
  if (!is_hidden) return;
  for (struct entry *e = entries; e; e = e->next) e->is_there = true;
  errno = reason;
  if (!was_hidden) strerr_warnwusys("read ", CERTIFICATES_PLACE, "; the certificates there are stay in use");
}

static void drop_what_is_gone(void)
{
  for (struct entry **at = &entries; *at;) {
    struct entry *e = *at;
    if (e->is_there) {
      e->is_there = false;
      at = &e->next;
      continue;
    }
    *at = e->next;
    forget(e->good);
    free(e);
  }
}

/* The numbers of certificates are their places among the entries, where one that is no good has a place, too: a table
   stands until the next look only. Its room was made when they were loaded. */
static void list_names(void)
{
  size_t number = 0;
  names.count = 0;
  for (struct entry const *e = entries; e; e = e->next, number++)
    for (size_t i = 0; e->good && i < e->good->count; i++)
      names.all[names.count++] = (struct certificate_for){ e->good->names[i], number };
}

static size_t count_good(void)
{
  size_t count = 0;
  for (struct entry const *e = entries; e; e = e->next) count += e->good != 0;
  return count;
}

size_t certificates_renew(SSL_CTX *(*new_context)(void))
{
  look_at_all(new_context);
  drop_what_is_gone();
  list_names();
  has_looked = true;
  return count_good();
}

/* ---- choosing ---- */

static struct certificate const *numbered(size_t number)
{
  struct entry const *e = entries;
  while (number-- && e) e = e->next;
  return e ? e->good : 0;
}

static struct certificate const *of_name(char const *name)
{
  char host[TLS_NAME_MAX + 1];
  if (!name || !certificate_name(host, name, strlen(name))) return 0;
  size_t number = certificate_choose(names.all, names.count, host, (size_t)-1);
  return number == (size_t)-1 ? 0 : numbered(number);
}

static struct certificate const *of_stem(char const *stem)
{
  for (struct entry const *e = entries; e; e = e->next)
    if (e->good && strcmp(e->good->stem, stem) == 0) return e->good;
  return 0;
}

static struct certificate const *any(void)
{
  struct certificate const *found = 0;
  for (struct entry const *e = entries; e; e = e->next)
    if (e->good && (!found || strcmp(e->good->stem, found->stem) < 0)) found = e->good;
  return found;
}

SSL_CTX *certificates_find(char const *name, char const *otherwise)
{
  static char const *const usual[] = { "default", "servercert" };
  struct certificate const *c = of_name(name);
  if (!c) c = of_name(otherwise);
  for (size_t i = 0; !c && i < sizeof usual / sizeof *usual; i++) c = of_stem(usual[i]);
  if (!c) c = any();
  return c ? c->context : 0;
}

char const *certificates_stem(SSL_CTX const *context)
{
  for (struct entry const *e = entries; e; e = e->next)
    if (e->good && e->good->context == context) return e->good->stem;
  return "";
}
