/* qmail-report: what the mail system did in a time, from its logs, for people.

   runs as   who may read the logs; qmailctl runs it as qmaill
   reads     directories of multilog, or files, in which there may be lines of qmail-send, qmail-smtpd, qmail-popup, qmail-authd
   writes    the report to fd 1
   exits     0, 100 wrong use, 111 trouble of the machine
*/

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "log_files.h"
#include "moment.h"
#include "output.h"
#include "report.h"
#include "report_show.h"

#define USAGE "qmail-report [ --json | --html | --prometheus ] [ --since time ] [ --until time ] log ..."

enum { DAY = 86400, HOST_MAX = 256 };

static char const *since_text = 0, *until_text = 0;
static void (*show)(stralloc *, struct report const *) = report_text;

static struct { char const *name; void (*show)(stralloc *, struct report const *); } const forms[] = {
  { "--json", report_json }, { "--html", report_html }, { "--prometheus", report_prometheus }, { 0 }
};
static struct { char const *name; char const **to; } const times[] = {
  { "--since", &since_text }, { "--until", &until_text }, { 0 }
};

static bool is_form(char const *word)
{
  for (size_t i = 0; forms[i].name; i++)
    if (!strcmp(word, forms[i].name)) return show = forms[i].show, true;
  return false;
}

static char const **time_wanted(char const *word)
{
  for (size_t i = 0; times[i].name; i++)
    if (!strcmp(word, times[i].name)) return times[i].to;
  return 0;
}

/* The words behind the options. */
static char const *const *options(char const *const *word)
{
  for (; *word && (*word)[0] == '-'; word++) {
    char const **to = time_wanted(*word);
    if (to && word[1]) *to = *++word;
    else if (!is_form(*word)) strerr_dieusage(100, USAGE);
  }
  return word;
}

static int64_t moment_or_die(char const *text, int64_t otherwise, int64_t now)
{
  int64_t when = otherwise;
  if (text && !moment_read(&when, text, now))
    strerr_dief(100, "no time: ", text, "; such are 2026-11-28, \"2026-11-28 14:05\", 3h, 2d, today, yesterday");
  return when;
}

static void begin(struct report *report)
{
  static char host[HOST_MAX];
  int64_t now = time(0), until = moment_or_die(until_text, now, now);
  int64_t since = moment_or_die(since_text, until - DAY, now);
  if (since < 0) since = 0;
  if (since >= until) strerr_dief(100, "the time ends before it begins");
  if (gethostname(host, sizeof host - 1) == -1) strerr_diefusys(111, "tell the name of this host");
  report_begin(report, host, since, until);
}

static void take(void *with, struct field line)
{
  report_line(with, line);
}

int main(int argc, char const *const *argv)
{
  static struct report report;
  PROG = "qmail-report";
  tzset();
  char const *const *log = options(argv + (argc > 0));
  if (!*log) strerr_dieusage(100, USAGE);
  begin(&report);
  for (; *log; log++) {
    log_files_read(*log, take, &report);
    report_log_end(&report);
  }
  show(&output, &report);
  output_flush();
  return 0;
}
