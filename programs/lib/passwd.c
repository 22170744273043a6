#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <nss.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "nsswitch.h"
#include "passwd.h"

#define NSSWITCH "/etc/nsswitch.conf"

enum { TEXT_FIRST = 1024, TEXT_MAX = 1 << 20 };     /* bytes of an entry's texts */

struct text { char *s; size_t size; };

struct question {
  /* 0, and *found is null when there is no entry; else why it cannot be told. The key is a name, or a uid_t. */
  int (*ask)(void const *key, struct text const *text, void const **found);
  bool (*is_line)(char const *line, void const *key);
  char const *database, *file;
  void const *key;
  struct text text;
};

/* ---- a question ---- */

static bool room(struct text *text, size_t size)
{
  free(text->s);
  text->s = malloc(size);
  text->size = text->s ? size : 0;
  return text->s != 0;
}

/* A name service may fail and leave errno alone, so that it says something beforehand. */
static int put(struct question *q, void const **found)
{
  int e = ERANGE;
  *found = 0;
  for (size_t size = q->text.size ? q->text.size : TEXT_FIRST; e == ERANGE && size <= TEXT_MAX; size *= 2) {
    if (size > q->text.size && !room(&q->text, size)) return ENOMEM;
    errno = EREMOTEIO;
    e = q->ask(q->key, &q->text, found);
  }
  return e;
}

/* ---- whether nobody has an entry ---- */

/* Reads what the library should have read. An empty file is one that somebody was interrupted in writing. */
static bool file_lacks(struct question const *q)
{
  char *line = 0;
  size_t size = 0, lines = 0;
  bool has = false;
  FILE *file = fopen(q->file, "re");
  if (!file) return false;
  for (; !has && getline(&line, &size, file) > 0; lines++) has = q->is_line(line, q->key);
  int e = has ? EAGAIN : !feof(file) ? errno : ENODATA;
  bool lacks = !has && feof(file) && lines;
  free(line);
  fclose(file);
  errno = e;
  return lacks;
}

static bool is_open(char const *library, int how)
{
  void *handle = dlopen(library, how);
  if (handle) dlclose(handle);
  return handle != 0;
}

/* A service that is not installed is none, as for the library; one that cannot be loaded just now is. */
static bool is_absent(char const *library)
{
  char const *why = is_open(library, RTLD_LAZY) ? 0 : dlerror();
  return why && strstr(why, strerror(ENOENT));
}

static bool service_lacks(struct question *q, struct nsswitch_service const *s, bool is_last)
{
  char name[64], library[sizeof name + 16];
  void const *found = 0;
  if (s->len >= sizeof name) return true;
  memcpy(name, s->s, s->len);
  name[s->len] = 0;
  snprintf(library, sizeof library, "libnss_%s.so.2", name);
  if ((is_last && is_open(library, RTLD_LAZY | RTLD_NOLOAD)) || is_absent(library)) return true;
  if (__nss_configure_lookup(q->database, name) == -1) return false;
  int e = put(q, &found);
  errno = found ? EAGAIN : e;
  return !errno;
}

/* Each but the files, and the last, if it was loaded: it has been heard. */
static bool services_lack(struct question *q, struct nsswitch_list const *list)
{
  struct nsswitch_service s, next;
  size_t at = 0;
  bool more = nsswitch_next(&s, list, &at);
  for (; more; s = next) {
    more = nsswitch_next(&next, list, &at);
    if (!nsswitch_is_files(&s) && !service_lacks(q, &s, !more)) return false;
  }
  return true;
}

static bool ask_each(struct question *q, struct nsswitch_list const *list)
{
  stralloc all = STRALLOC_ZERO;
  if (!bytes_setb(&all, list->s, list->len) || !bytes_z(&all)) return false;
  bool lack = services_lack(q, list);
  int e = errno;
  __nss_configure_lookup(q->database, all.s);
  stralloc_free(&all);
  errno = e;
  return lack;
}

/* Of what nsswitch.conf says; without it only the files are asked. */
static bool listed_lack(struct question *q, stralloc *text)
{
  if (!openslurpclose(text, NSSWITCH)) return errno == ENOENT;
  errno = ENODATA;
  if (!text->len) return false;
  struct nsswitch_list list = nsswitch_list(q->database, text->s, text->len);
  return !list.s || ask_each(q, &list);
}

static bool everybody_lacks(struct question *q)
{
  stralloc text = STRALLOC_ZERO;
  bool lack = file_lacks(q) && listed_lack(q, &text);
  int e = errno;
  stralloc_free(&text);
  errno = e;
  return lack;
}

static enum passwd_result answer(struct question *q, void const **found)
{
  int e = put(q, found);
  if (*found) return PASSWD_FOUND;
  if (!e) return everybody_lacks(q) ? PASSWD_NONE : PASSWD_TROUBLE;
  errno = e;
  return PASSWD_TROUBLE;
}

/* ---- what can be asked ---- */

static bool has_name(char const *line, void const *key)
{
  char const *name = key;
  size_t len = strlen(name);
  return !strncmp(line, name, len) && line[len] == ':';
}

/* name:password:uid: */
static bool has_uid(char const *line, void const *key)
{
  uid_t const *uid = key;
  char const *second = strchr(line, ':');
  if (second) second = strchr(second + 1, ':');
  return second && second[1] >= '0' && second[1] <= '9' && strtoul(second + 1, 0, 10) == *uid;
}

static struct passwd account;

static int ask_name(void const *name, struct text const *text, void const **found)
{
  struct passwd *entry = 0;
  int e = getpwnam_r(name, &account, text->s, text->size, &entry);
  *found = entry;
  return e;
}

static int ask_uid(void const *uid, struct text const *text, void const **found)
{
  struct passwd *entry = 0;
  int e = getpwuid_r(*(uid_t const *)uid, &account, text->s, text->size, &entry);
  *found = entry;
  return e;
}

static int ask_shadow(void const *name, struct text const *text, void const **found)
{
  static struct spwd space;
  struct spwd *entry = 0;
  int e = getspnam_r(name, &space, text->s, text->size, &entry);
  *found = entry;
  return e;
}

enum passwd_result passwd_find(struct passwd const **entry, char const *name)
{
  static struct question q = { .ask = ask_name, .is_line = has_name, .database = "passwd", .file = "/etc/passwd" };
  void const *found = 0;
  q.key = name;
  enum passwd_result r = answer(&q, &found);
  *entry = found;
  return r;
}

enum passwd_result passwd_find_uid(struct passwd const **entry, uid_t uid)
{
  static struct question q = { .ask = ask_uid, .is_line = has_uid, .database = "passwd", .file = "/etc/passwd" };
  static uid_t key;
  void const *found = 0;
  key = uid;
  q.key = &key;
  enum passwd_result r = answer(&q, &found);
  *entry = found;
  return r;
}

enum passwd_result passwd_find_shadow(struct spwd const **entry, char const *name)
{
  static struct question q = { .ask = ask_shadow, .is_line = has_name, .database = "shadow", .file = "/etc/shadow" };
  void const *found = 0;
  q.key = name;
  enum passwd_result r = answer(&q, &found);
  *entry = found;
  return r;
}
