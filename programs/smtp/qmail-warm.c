/* qmail-warm: what a command of tcpserver says, without starting a program for each connection where it need not.

   runs as   root until it listens, then who tcpserver's options name: qmaild
   reads     the rules that -x names, for each connection; then it is qmail-smtpd
   changes   nothing; a process for each connection, which is the qmail-smtpd of that client
   becomes   itself anew after a hundred connections; tcpserver, when more is asked of it than it does
   exits     as tcpserver
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "smtpd_serve.h"
#include "usual_command.h"
#include "warm_listener.h"
#include "warm_options.h"

#define USAGE "qmail-warm tcpserver [ options ] host port program [ arg... ]"
#define TAKE_OVER "QMAIL_WARM"          /* from one image of this program to the next */

enum { CLIENTS = 100 };                 /* of one image: they share its layout in memory */

static char const served[] = "qmail-smtpd", package[] = "/usr/bin/tcpserver";

/* Who has a tcpserver or a qmail-smtpd of his own wants that one. */
static bool is_served(char const *tcpserver, char const *const *program)
{
  return !strcmp(program[0], served) && !program[1] && usual_own(served) && usual_command(tcpserver, package);
}

/* Under the name that ps(1) and pgrep(1) are asked for. */
static void serve(void)
{
  prctl(PR_SET_NAME, served);
  smtpd_serve();
}

static bool begin(struct warm_listener *l, struct warm_options const *o)
{
  char const *words = getenv(TAKE_OVER);
  bool const taken = words && warm_listener_take_over(l, words);
  unsetenv(TAKE_OVER);
  return taken || warm_listener_open(l, o);
}

static void be_anew(struct warm_listener const *l, char const *const *argv)
{
  char words[WARM_WORDS];
  warm_listener_save(words, l);
  if (setenv(TAKE_OVER, words, 1) == 0) execvp(argv[0], (char *const *)argv);
  strerr_warnwusys("run ", argv[0]);
  unsetenv(TAKE_OVER);
}

int main(int argc, char const *const *argv)
{
  struct warm_options o;
  struct warm_listener l;
  PROG = "qmail-warm";
  if (argc < 2) strerr_dieusage(100, USAGE);
  if (warm_options_read(&o, argc - 1, argv + 1) && is_served(argv[1], o.program) && begin(&l, &o))
    for (;;) {
      warm_listener_serve(&l, &o, CLIENTS, serve);
      be_anew(&l, argv);
    }
  execvp(argv[1], (char *const *)(argv + 1));
  strerr_diefusys(111, "run ", argv[1]);
}
