#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "alias_files.h"
#include "list_links.h"
#include "text.h"

/* The length of what the file leads to; 0 where it is no link. */
static size_t target_of(char to[PATH_MAX], char const *file)
{
  ssize_t len = readlink(file, to, PATH_MAX);
  if (len <= 0) *to = 0;
  return len > 0 && len < PATH_MAX ? (size_t)len : 0;
}

static bool ends(char const *s, size_t len, char const *with)
{
  size_t n = strlen(with);
  return len > n && !memcmp(s + len - n, with, n);
}

/* Its first line that says something. */
static bool begins_with_reject(char const *file)
{
  static stralloc text = STRALLOC_ZERO;
  if (!alias_files_read(&text, file)) return false;
  char const *s = text_z(&text);
  while (*s == '#' || *s == '\n') {
    char const *newline = strchr(s, '\n');
    if (!newline) return false;
    s = newline + 1;
  }
  char const *end = strchrnul(s, '\n');
  return *s == '|' && memmem(s, (size_t)(end - s), "ezmlm-reject", 12);
}

bool list_links_is_list(char const *file)
{
  char target[PATH_MAX];
  size_t len = target_of(target, file);
  if (len) return ends(target, len, "/editor");
  return errno == EINVAL && begins_with_reject(file);
}

bool list_links_place(stralloc *dir, char const *file)
{
  static char const end[] = "/editor";
  char target[PATH_MAX];
  size_t len = target_of(target, file);
  if (*target != '/' || !ends(target, len, end)) return false;
  text_setb(dir, target, len - strlen(end));
  text_z(dir);
  return true;
}

static void (*show)(char const *name);

static void show_list(char const *name, char const *file)
{
  if (list_links_is_list(file)) show(name);
}

void list_links_each(void (*each)(char const *name))
{
  show = each;
  alias_files_list(show_list);
}

static bool leads_into(char const *file, char const *dir)
{
  char target[PATH_MAX];
  size_t len = target_of(target, file), dir_len = strlen(dir);
  return len > dir_len + 1 && !memcmp(target, dir, dir_len) && target[dir_len] == '/';
}

static bool is_behind(char const *file, char const *name)
{
  size_t len = strlen(file);
  return !strncmp(name, file, len) && (!name[len] || name[len] == '-');
}

bool list_links_remove(char const *file, char const *dir)
{
  DIR *here = opendir(".");
  struct dirent const *d;
  if (!here) return false;
  while (errno = 0, d = readdir(here))
    if ((!strcmp(d->d_name, file) || (is_behind(file, d->d_name) && leads_into(d->d_name, dir))) && unlink(d->d_name) == -1) break;
  int e = errno;
  closedir(here);
  errno = e;
  return !e;
}
