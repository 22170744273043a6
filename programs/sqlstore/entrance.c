#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "entrance.h"
#include "helper.h"
#include "server_file.h"
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
  text_set(&file, helper_home());
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

bool entrance_read(bool (*take)(char const **fault, char const *s, size_t len))
{
  static struct server_file text;
  char const *fault = 0;
  bool taken = server_file_read(&text, &fault, file.s, geteuid(), getegid());
  if (taken && !take(&fault, text.text, text.len)) taken = false, errno = EPROTO;
  int e = errno;
  if (!taken) note_fault(fault);
  explicit_bzero(&text, sizeof text);
  errno = e;
  return taken;
}

static struct server_line line;
static bool is_for_changes;

static bool take_line(char const **fault, char const *s, size_t len)
{
  return server_line_parse(&line, fault, s, len, is_for_changes);
}

bool entrance_enter(enum sql_purpose purpose, bool (*enter)(struct server_line const *line))
{
  is_for_changes = purpose != SQL_TO_READ;
  bool entered = entrance_read(take_line) && enter(&line);
  int e = errno;
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
