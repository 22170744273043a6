#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "entrance.h"
#include "server_file.h"
#include "sqlstore.h"
#include "text.h"

static stralloc file = STRALLOC_ZERO, authority = STRALLOC_ZERO, name = STRALLOC_ZERO;
static char words[512] = "";

/* ---- words ---- */

void entrance_note(char const *said)
{
  strncpy(words, said, sizeof words - 1);
  for (char *p = words; *p; p++)
    if (*p == '\n') *p = p[1] ? ' ' : 0;
}

char const *entrance_said(void)
{
  return words;
}

static void note_fault(char const *fault)
{
  entrance_note("etc/");
  strncat(words, name.s, sizeof words - strlen(words) - 1);
  strncat(words, ": ", sizeof words - strlen(words) - 1);
  strncat(words, fault, sizeof words - strlen(words) - 1);
}

/* ---- the file ---- */

void entrance_of(char const *store)
{
  text_set(&name, "vpopmail.");
  text_add(&name, store);
  text_z(&name);
  text_set(&file, sqlstore_home());
  text_add(&file, "/etc/");
  text_addx(&file, &name);
  text_z(&file);
  text_set(&authority, file.s);
  text_add(&authority, ".ca");
  text_z(&authority);
}

char const *entrance_authority(void)
{
  return access(authority.s, F_OK) == 0 || errno != ENOENT ? authority.s : 0;
}

bool entrance_enter(enum sql_purpose purpose, bool (*enter)(struct server_line const *line))
{
  static struct server_file text;
  static struct server_line line;
  char const *fault;
  bool entered = false;
  if (!server_file_read(&text, &fault, file.s, geteuid(), getegid())) note_fault(fault);
  else if (!server_line_parse(&line, &fault, text.text, text.len, purpose != SQL_TO_READ)) note_fault(fault), errno = EPROTO;
  else entered = enter(&line);
  int e = errno;
  explicit_bzero(&text, sizeof text);
  explicit_bzero(&line, sizeof line);
  errno = e;
  return entered;
}

bool entrance_is_split(void)
{
  static struct server_file text;
  char const *fault;
  bool split = server_file_read(&text, &fault, file.s, geteuid(), getegid()) && server_line_is_split(text.text, text.len);
  explicit_bzero(&text, sizeof text);
  return split;
}

/* ---- the connection ---- */

bool entrance_is_quiet(int fd)
{
  char c;
  return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == -1 && errno == EAGAIN;
}
