/* qbiff: tell a user who is logged in that a message has come.

   runs as   the user
   reads     the message on descriptor 0; USER, LOCAL and SENDER; who is logged in where
   changes   nothing; writes to his terminals that let it
   exits     0, whatever happens: no mail waits because of this
*/

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmpx.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "mark.h"
#include "message_glance.h"
#include "text.h"

MARK("qbiff");

enum { SEEN_MAX = 65536, LINE_MAX_BYTES = 78 };

static void add_shown(stralloc *to, struct field f, size_t max, char instead)
{
  for (size_t i = 0; i < f.len && i < max; i++) text_addc(to, f.s[i] < ' ' || f.s[i] > '~' ? instead : f.s[i]);
}

static void add_first_line(stralloc *to)
{
  text_add(to, "\r\n\a*** TO <");
  add_shown(to, field_of(getenv("LOCAL")), SEEN_MAX, '_');
  text_add(to, "> FROM <");
  add_shown(to, field_of(getenv("SENDER")), SEEN_MAX, '_');
  text_add(to, ">\r\n");
}

static void add_second_line(stralloc *to)
{
  static char space[SEEN_MAX];
  stralloc text = STRALLOC_ZERO;
  struct glance g;
  glance_take(&g, (struct field){ space, allread(0, space, sizeof space) });
  text_set(&text, "    ");
  text_addb(&text, g.subject.s, g.subject.len);
  if (g.subject.len) text_addc(&text, '/');
  text_addb(&text, g.body.s, g.body.len);
  add_shown(to, (struct field){ text.s, text.len }, LINE_MAX_BYTES, '/');
  text_add(to, "\r\n");
  stralloc_free(&text);
}

/* He owns it, and has said "biff y". */
static bool wants_to_know(int fd)
{
  struct stat st;
  return isatty(fd) && fstat(fd, &st) == 0 && st.st_uid == getuid() && st.st_mode & S_IXUSR;
}

static void tell(char const *line, stralloc const *text)
{
  char path[sizeof "/dev/" + 64];
  if (snprintf(path, sizeof path, "/dev/%s", line) >= (int)sizeof path || strstr(line, "..")) return;
  int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) return;
  if (wants_to_know(fd)) allwrite(fd, text->s, text->len);
  fd_close(fd);
}

static void tell_all(char const *user, stralloc const *text)
{
  struct utmpx const *u;
  char line[sizeof u->ut_line + 1];
  while ((u = getutxent())) {
    if (u->ut_type != USER_PROCESS || strncmp(u->ut_user, user, sizeof u->ut_user) != 0) continue;
    memcpy(line, u->ut_line, sizeof u->ut_line);
    line[sizeof u->ut_line] = 0;
    tell(line, text);
  }
}

static void end(void)
{
  _exit(0);
}

int main(void)
{
  stralloc text = STRALLOC_ZERO;
  PROG = "qbiff";
  memory_gone = end;
  char const *user = getenv("USER");
  if (!user || !getenv("LOCAL") || !getenv("SENDER")) return 0;
  add_first_line(&text);
  add_second_line(&text);
  tell_all(user, &text);
  return 0;
}
