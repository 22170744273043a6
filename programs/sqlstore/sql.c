#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "sql.h"

static char words[512] = "";

void sql_note(char const *said)
{
  strncpy(words, said, sizeof words - 1);
  for (char *p = words; *p; p++)
    if (*p == '\n') *p = p[1] ? ' ' : 0;
}

char const *sql_said(void)
{
  return words;
}

bool sql_is_quiet(int fd)
{
  char c;
  return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == -1 && errno == EAGAIN;
}
