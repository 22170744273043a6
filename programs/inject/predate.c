/* predate: run a program with a Date field, in local time, in front of its input.

   runs as   the user who calls it
   reads     fd 0 to its end
   changes   nothing itself
   exits     as the program does, 100 for wrong usage, 111 when the program crashes or cannot be run
*/

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/posixplz.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "child_start.h"
#include "feed.h"

enum { DATE_MAX = 80 };

static size_t date_field(char line[DATE_MAX])
{
  static char const months[12][4] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };
  time_t now = time(0);
  struct tm t;
  tzset();
  if (!localtime_r(&now, &t)) strerr_diefusys(111, "tell the time");
  long minutes = (labs(t.tm_gmtoff) + 30) / 60;
  int n = snprintf(line, DATE_MAX, "Date: %d %s %d %02d:%02d:%02d %c%02ld%02ld\n", t.tm_mday, months[t.tm_mon],
                   1900 + t.tm_year, t.tm_hour, t.tm_min, t.tm_sec, t.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return (size_t)n;
}

int main(int argc, char const *const *argv)
{
  char line[DATE_MAX];
  int fd, wstat;
  PROG = "predate";
  if (argc < 2) strerr_dieusage(100, "predate program [ argument ... ]");
  pid_t pid = child_spawn1_pipe(argv[1], argv + 1, (char const *const *)environ, &fd, 0);
  if (!pid) strerr_diefusys(111, "run ", argv[1]);
  sig_altignore(SIGPIPE);
  size_t len = date_field(line);
  if (!feed(fd, pid, line, len)) strerr_diefsys(111, "read error");
  if (wait_pid(pid, &wstat) == -1) strerr_diefusys(111, "wait for ", argv[1]);
  if (!WIFEXITED(wstat)) strerr_dief(111, argv[1], " crashed");
  return WEXITSTATUS(wstat);
}
