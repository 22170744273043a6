/* qmail-penalty: show who must wait with his next password, and let him try again.

   runs as   root, for an operator
   asks      qmail-authd
   exits     0 done, 100 wrong call, 111 it cannot be told now
*/

#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "auth_ask.h"

#define USAGE "qmail-penalty [ list | empty [ address ] ]"

enum { PATIENCE_MS = 10000 };

static struct auth_heard heard;

static void ask(enum auth_verb verb, char const *address)
{
  struct auth_question const q = { .verb = verb, .client_ip = { address, strlen(address) } };
  if (geteuid() != 0) strerr_dief(100, "only root is told who must wait");
  switch (auth_ask(&heard, &q, PATIENCE_MS)) {
    case AUTH_LET_IN: return;
    case AUTH_WRONG: strerr_dief(100, "not an address: ", address);
    default: strerr_dief(111, "qmail-authd does not answer: is qmail-auth up?");
  }
}

static void show(void)
{
  ask(AUTH_LIST, "");
  struct field text = heard.answer.text;
  if (text.len && fd_write(1, text.s, text.len) != (ssize_t)text.len) strerr_diefusys(111, "write");
}

static void empty(char const *address)
{
  char digits[UINT32_FMT + 40];
  ask(AUTH_EMPTY, address);
  size_t len = uint32_fmt(digits, heard.answer.seconds);
  char *end = stpcpy(digits + len, heard.answer.seconds == 1 ? " address may try again\n" : " addresses may try again\n");
  if (fd_write(1, digits, (size_t)(end - digits)) == -1) strerr_diefusys(111, "write");
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-penalty";
  char const *verb = argc > 1 ? argv[1] : "list";
  if (!strcmp(verb, "list") && argc <= 2) show();
  else if (!strcmp(verb, "empty") && argc <= 3) empty(argc == 3 ? argv[2] : "");
  else strerr_dieusage(100, USAGE);
  return 0;
}
