#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "sts_sessions.h"

enum { DATE_BYTES = sizeof "2026-11-28", PATH_BYTES = sizeof SESSIONS_PLACE + DATE_BYTES + 1 };

static void date_of(char date[DATE_BYTES], time_t when)
{
  struct tm day;
  if (!gmtime_r(&when, &day) || strftime(date, DATE_BYTES, "%Y-%m-%d", &day) != DATE_BYTES - 1) strcpy(date, "0000-00-00");
}

/* One write, so that lines of several workers stand behind each other. */
static void append(int fd, char const *line, size_t len, time_t now)
{
  struct stat st;
  char all[TLSRPT_LINE_MAX + 32];
  int n = snprintf(all, sizeof all, "%lld %.*s\n", (long long)now, (int)len, line);
  if (n > 0 && (size_t)n < sizeof all && fstat(fd, &st) == 0 && st.st_size < SESSIONS_BYTES_MAX && write(fd, all, (size_t)n) == -1) return;
}

void sessions_add(char const *line, size_t len)
{
  char date[DATE_BYTES], path[PATH_BYTES];
  time_t now = time(0);
  if (!tlsrpt_is_line(line, len)) return;
  date_of(date, now);
  snprintf(path, sizeof path, "%s/%s", SESSIONS_PLACE, date);
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd == -1) return;
  append(fd, line, len, now);
  fd_close(fd);
}

void sessions_add_session(struct tlsrpt_session const *s)
{
  char line[TLSRPT_LINE_MAX];
  sessions_add(line, tlsrpt_write(line, sizeof line, s));
}

void sessions_forget(void)
{
  char oldest[DATE_BYTES];
  struct dirent const *d;
  DIR *dir = opendir(SESSIONS_PLACE);
  if (!dir) return;
  date_of(oldest, time(0) - SESSIONS_DAYS * 86400);
  while ((d = readdir(dir)))
    if (*d->d_name != '.' && strcmp(d->d_name, oldest) < 0) unlinkat(dirfd(dir), d->d_name, 0);
  closedir(dir);
}
