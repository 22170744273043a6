#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/strerr.h>

#include "child_start.h"
#include "line_message.h"
#include "line_program.h"
#include "temporary.h"
#include "text.h"

enum { YES = 0, ENOUGH = 99, NEVER = 100, LATER = 111 };

/* The program answers by its exit code: 0 is yes, 111 that it cannot say now, everything else no. One that is not there says
   no, too. */
static bool says_yes(char const *const *program)
{
  int wstat;
  pid_t pid = child_spawn0(*program, program, (char const *const *)environ);
  if (!pid && temporary(errno)) strerr_diefusys(LATER, "run ", *program);
  if (!pid) return false;
  if (wait_pid(pid, &wstat) == -1) strerr_diefusys(LATER, "wait for ", *program);
  if (!WIFEXITED(wstat)) strerr_dief(LATER, "child crashed");
  if (WEXITSTATUS(wstat) == LATER) strerr_dief(LATER, "temporary child error");
  return WEXITSTATUS(wstat) == YES;
}

int line_bouncesaying(int argc, char const *const *argv)
{
  PROG = "bouncesaying";
  if (argc < 2) strerr_dieusage(NEVER, "bouncesaying error [ program [ arg ... ] ]");
  if (argc > 2 && !says_yes(argv + 2)) return 0;
  strerr_warn(argv[1]);
  return NEVER;
}

int line_except(int argc, char const *const *argv)
{
  PROG = "except";
  if (argc < 2) strerr_dieusage(NEVER, "except program [ arg ... ]");
  return says_yes(argv + 1) ? NEVER : 0;
}

/* The program has read the message, so that it is sent from its first byte. */
int line_condredirect(int argc, char const *const *argv)
{
  stralloc address = STRALLOC_ZERO;
  PROG = "condredirect";
  if (argc < 3) strerr_dieusage(NEVER, "condredirect newaddress program [ arg ... ]");
  if (!says_yes(argv + 2)) return 0;
  if (lseek(0, 0, SEEK_SET) == -1) strerr_diefusys(LATER, "rewind");
  char const *sender = line_variable("SENDER"), *head = line_variable("DTLINE");
  text_addb(&address, argv[1], strlen(argv[1]) + 1);
  line_queued(ENOUGH, line_resend(&(struct resend){
    .message_fd = 0, .head = head, .head_len = strlen(head), .sender = sender, .addresses = &address
  }));
}
