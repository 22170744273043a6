#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <skalibs/djbunix.h>

#include "passwd.h"

enum { TEXT_FIRST = 1024, TEXT_MAX = 1 << 20 };     /* bytes of an entry's texts */

struct text { char *s; size_t size; };

/* 0, and *found is null when there is no entry; else why it cannot be told. The key is a name, or a uid_t. */
typedef int ask(void const *key, struct text const *text, void const **found);

static bool room(struct text *text, size_t size)
{
  free(text->s);
  text->s = malloc(size);
  text->size = text->s ? size : 0;
  return text->s != 0;
}

/* A name service may fail and leave errno alone, so that it says something beforehand. */
static int ask_patiently(ask *of, void const *key, struct text *text, void const **found)
{
  int e = ERANGE;
  for (size_t size = text->size ? text->size : TEXT_FIRST; e == ERANGE && size <= TEXT_MAX; size *= 2) {
    if (size > text->size && !room(text, size)) return ENOMEM;
    errno = EREMOTEIO;
    e = of(key, text, found);
  }
  return e;
}

/* An empty file is one that somebody was interrupted in writing. */
static bool has_lines(char const *file)
{
  struct stat st;
  int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return false;
  bool known = fstat(fd, &st) == 0;
  fd_close(fd);
  if (known && st.st_size == 0) errno = ENODATA;
  return known && st.st_size > 0;
}

/* Where a file cannot be read the next service is asked, and knows nobody; without nsswitch.conf only the files are. */
static bool files_were_read(char const *file)
{
  return (has_lines("/etc/nsswitch.conf") || errno == ENOENT) && has_lines(file);
}

static enum passwd_result find(ask *of, void const *key, struct text *text, void const **found, char const *file)
{
  int e = ask_patiently(of, key, text, found);
  if (*found) return PASSWD_FOUND;
  if (!e) return files_were_read(file) ? PASSWD_NONE : PASSWD_TROUBLE;
  errno = e;
  return PASSWD_TROUBLE;
}

static int ask_passwd(void const *name, struct text const *text, void const **found)
{
  static struct passwd space;
  struct passwd *entry = 0;
  int e = getpwnam_r(name, &space, text->s, text->size, &entry);
  *found = entry;
  return e;
}

static int ask_uid(void const *uid, struct text const *text, void const **found)
{
  static struct passwd space;
  struct passwd *entry = 0;
  int e = getpwuid_r(*(uid_t const *)uid, &space, text->s, text->size, &entry);
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
  static struct text text;
  void const *found = 0;
  enum passwd_result r = find(ask_passwd, name, &text, &found, "/etc/passwd");
  *entry = found;
  return r;
}

enum passwd_result passwd_find_uid(struct passwd const **entry, uid_t uid)
{
  static struct text text;
  void const *found = 0;
  enum passwd_result r = find(ask_uid, &uid, &text, &found, "/etc/passwd");
  *entry = found;
  return r;
}

enum passwd_result passwd_find_shadow(struct spwd const **entry, char const *name)
{
  static struct text text;
  void const *found = 0;
  enum passwd_result r = find(ask_shadow, name, &text, &found, "/etc/shadow");
  *entry = found;
  return r;
}
