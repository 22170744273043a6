#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "list_file.h"
#include "list_lines.h"
#include "list_words.h"
#include "lock.h"
#include "text.h"

/* A file of the directory itself; false: there is none. */
static bool own_file(stralloc *to, struct list const *l, char const *name, size_t max)
{
  int r = list_file_read(to, name, max);
  if (r == -1) list_die_system(l, "ERR_READ", name);
  return r;
}

static void read_flags(struct list *l)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  own_file(&text, l, "flags", LIST_FILE_MAX);
  rest = (struct field){ text.s, text.len };
  if (list_line_next(&line, &rest)) text_setb(&l->flags, line.s, line.len);
  stralloc_free(&text);
}

/* Lines of a letter and a colon, up to the first that is another one. */
static void read_config(struct list *l)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  own_file(&text, l, "config", LIST_FILE_MAX);
  rest = (struct field){ text.s, text.len };
  while (list_line_next(&line, &rest) && line.len > 1 && line.s[1] == ':')
    if (*line.s == 'F') text_setb(&l->config, line.s + 2, line.len - 2);
  stralloc_free(&text);
}

/* The directory itself, or that of the file that it names. */
static void read_elsewhere(struct list *l)
{
  stralloc text = STRALLOC_ZERO;
  struct field rest, line;
  struct stat st;
  own_file(&text, l, "ezmlmrc", LIST_FILE_MAX);
  rest = (struct field){ text.s, text.len };
  if (list_line_next(&line, &rest)) {
    text_setb(&l->elsewhere, line.s, line.len);
    if (stat(text_z(&l->elsewhere), &st) == 0 && !S_ISDIR(st.st_mode))
      while (l->elsewhere.len && l->elsewhere.s[--l->elsewhere.len] != '/') ;
  }
  stralloc_free(&text);
}

/* With an empty one anybody could make the cookies that confirm, and some tables take all of it but up to three bytes (cookie.c). */
static void read_key(struct list *l)
{
  if (!own_file(&l->key, l, "key", LIST_KEY_MAX)) list_die_missing(l, "key");
  if (l->key.len < LIST_KEY_LEAST) list_die(LIST_TROUBLE, l, "ERR_READ", "key: it is too short", 0);
}

static void needed(stralloc *to, struct list const *l, char const *name)
{
  if (!list_setting(to, l, name, 0)) list_die_missing(l, name);
}

/* "utf-8:Q" */
static void read_charset(struct list *l)
{
  stralloc *s = &l->charset;
  if (!list_setting(s, l, "charset", 0)) text_set(s, "us-ascii");
  if (s->len < 2 || s->s[s->len - 2] != ':' || !strchr("QqBb", s->s[s->len - 1])) return;
  l->encoding = strchr("Qq", s->s[s->len - 1]) ? 'Q' : 'B';
  s->len -= 2;
}

void list_enter(struct list *l, char const *dir)
{
  umask(022);
  if (chdir(dir) == -1) list_die_system(0, "ERR_CHDIR", dir);
  l->dir = dir;
  list_words_are_of(l);
  read_key(l);
  read_flags(l);
  read_config(l);
  read_elsewhere(l);
  needed(&l->local, l, "outlocal");
  needed(&l->host, l, "outhost");
  read_charset(l);
  list_setting(&l->listid, l, "listid", 0);
}

int list_lock(char const *name)
{
  int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd == -1) list_die_system(0, "ERR_OPEN", name);
  if (!lock_wait(fd)) list_die_system(0, "ERR_OBTAIN_LOCK", name);
  return fd;
}
