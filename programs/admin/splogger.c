/* splogger: lines on standard input become messages of syslog.

   runs as   qmaill, started by qmail-start; or behind the pipe of any program
   reads     lines on fd 0 until its end
   writes    messages to /dev/log, by syslog(3)
   exits     0 at the end of input, 100 wrong usage, 111 when reading fails
*/

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#define USAGE "splogger [ tag [ facility-number ] ]"

enum {
  MAIL = 2,                 /* facility numbers as in RFC 3164, not shifted */
  FACILITY_MAX = 23,
  TEXT_MAX = 799            /* bytes of a line in one message; the rest follows in others */
};

static char text[TEXT_MAX + 1];
static size_t len;
static char stamp[40];
static int priority;
static bool continued;      /* text is not the beginning of its line */

static void begin_line(void)
{
  struct timeval t;
  gettimeofday(&t, 0);
  snprintf(stamp, sizeof stamp, "%lld.%06ld", (long long)t.tv_sec, (long)t.tv_usec);
  priority = str_start(text, "alert:") ? LOG_ALERT : str_start(text, "warning:") ? LOG_WARNING : LOG_INFO;
}

static void send_text(void)
{
  text[len] = 0;
  if (!continued) begin_line();
  syslog(priority, "%s%c%s", stamp, continued ? '+' : ' ', text);
  len = 0;
}

static void end_line(void)
{
  if (len) send_text();
  continued = false;
}

static void take(char c)
{
  if (c == '\n') {
    end_line();
    return;
  }
  if (len == TEXT_MAX) {
    send_text();
    continued = true;
  }
  text[len++] = c < 32 || c > 126 ? '?' : c;
}

static int facility(char const *s)
{
  unsigned n;
  if (!uint0_scan(s, &n) || n > FACILITY_MAX) strerr_dieusage(100, USAGE);
  return (int)n << 3;
}

int main(int argc, char const *const *argv)
{
  static char block[65536];
  ssize_t n;
  PROG = "splogger";
  if (argc > 3) strerr_dieusage(100, USAGE);
  openlog(argc > 1 ? argv[1] : PROG, 0, argc > 2 ? facility(argv[2]) : MAIL << 3);
  while ((n = read(0, block, sizeof block)) > 0)
    for (ssize_t i = 0; i < n; i++) take(block[i]);
  end_line();
  if (n == -1) strerr_diefusys(111, "read standard input");
  return 0;
}
