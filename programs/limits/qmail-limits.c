/* qmail-limits: show who is near a limit of what he may send, and let him begin anew.

   runs as   root, for an operator
   asks      qmail-limitd
   exits     0 done, 100 wrong call, 111 it cannot be told now
*/

#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "limit_ask.h"

#define USAGE "qmail-limits [ list | clear [ address | login | domain ] ]"

enum { PATIENCE_MS = 10000 };

static struct limit_heard heard;

static void ask(enum limit_verb verb, char const *whom)
{
  int fd = -1;
  struct limit_question const q = { .verb = verb, .class = { "", 0 }, .address = { "", 0 }, .login = { whom, strlen(whom) }, .domain = { "", 0 } };
  if (geteuid() != 0) strerr_dief(100, "only root is told who is near a limit");
  if (!limit_ask(&fd, &heard, &q, PATIENCE_MS)) strerr_dief(111, "qmail-limitd does not answer: is qmail-limits up?");
}

static void write_out(char const *s, size_t len)
{
  if (len && fd_write(1, s, len) != (ssize_t)len) strerr_diefusys(111, "write");
}

static void list(void)
{
  ask(LIMIT_LIST, "");
  write_out(heard.answer.text.s, heard.answer.text.len);
}

static void clear(char const *whom)
{
  char line[UINT32_FMT + 40];
  ask(LIMIT_CLEAR, whom);
  char *end = line + uint32_fmt(line, heard.answer.messages);
  end = stpcpy(end, heard.answer.messages == 1 ? " begins anew\n" : " begin anew\n");
  write_out(line, (size_t)(end - line));
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-limits";
  char const *verb = argc > 1 ? argv[1] : "list";
  if (!strcmp(verb, "list") && argc <= 2) list();
  else if (!strcmp(verb, "clear") && argc <= 3) clear(argc == 3 ? argv[2] : "");
  else strerr_dieusage(100, USAGE);
  return 0;
}
