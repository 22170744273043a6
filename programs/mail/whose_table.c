#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dotqmail.h"
#include "fastforward_line.h"
#include "forward_table.h"
#include "instructions.h"
#include "line_own.h"
#include "whose_internal.h"

/* The one instruction of the file. False: there are others. */
static bool only_instruction(struct instruction *to, char const *s, size_t len)
{
  struct instruction in;
  size_t at = 0, count = 0;
  while (instruction_next(&in, s, len, &at)) {
    if (in.kind == INSTRUCTION_NOTHING) continue;
    *to = in;
    count++;
  }
  return count == 1 && to->kind == INSTRUCTION_PROGRAM;
}

static bool read_line(struct fastforward_line *to, int home, char const *name)
{
  static char text[WHOSE_FILE_MAX];
  struct instruction in;
  int fd = openat(home, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return false;
  size_t len = allread(fd, text, sizeof text);
  fd_close(fd);
  return len < sizeof text && only_instruction(&in, text, len) && fastforward_line_parse(to, in.line, in.line_len);
}

/* The end of ext that "default" in the file's name stands for. */
static char const *default_part(struct whose const *w)
{
  struct dotqmail_search search = { .dash = w->user.dash.s, .ext = w->user.ext.s };
  int r = 1;
  while ((r = dotqmail_next(&search)) == 1 && strcmp(search.name.s, w->file.s) != 0) { }
  stralloc_free(&search.name);
  return r == 1 ? search.default_part : 0;
}

static int add_address(stralloc *to, struct whose const *w, char const *box, bool by_default)
{
  char const *part = by_default ? default_part(w) : box;
  size_t host = strlen(w->address.s) + 1;
  if (!part) part = w->user.ext.s;
  return bytes_set(to, part) && bytes_add(to, "@") && bytes_addb(to, w->address.s + host, w->address.len - host);
}

/* 1, 0 when the table has nobody of that name, -1 where that is not sure. */
static int look_up(int home, char const *name, struct field address)
{
  struct stat st;
  int fd = openat(home, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return -1;
  int r = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? forward_table_knows(fd, address) : -1;
  fd_close(fd);
  return r;
}

/* With -d a box that came by a virtual domain is looked up without its prefix, as it was written. */
static enum whose_kind ask_table(struct whose *w, char const *box, int home)
{
  static struct stat known;
  struct fastforward_line line;
  stralloc address = STRALLOC_ZERO;
  enum whose_kind kind = WHOSE_ACCOUNT;
  if (read_line(&line, home, w->file.s) && line_own(&known, "fastforward", line.program) && add_address(&address, w, box, line.by_default)
      && look_up(home, line.table, (struct field){ address.s, address.len }) == 0)
    kind = WHOSE_NOBODY;
  stralloc_free(&address);
  return kind;
}

enum whose_kind whose_ask_table(struct whose *w, char const *box)
{
  static char const ending[] = "default";
  size_t len = sizeof ending - 1;
  if (w->file.len < len || memcmp(w->file.s + w->file.len - len, ending, len) != 0) return WHOSE_ACCOUNT;
  int home = open(w->user.home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return WHOSE_ACCOUNT;
  enum whose_kind kind = ask_table(w, box, home);
  fd_close(home);
  return kind;
}
