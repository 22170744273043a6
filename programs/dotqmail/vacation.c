/* vacation: answer mail for who is away, by a line of a .qmail file.

   runs as   who is away
   reads     the message on descriptor 0; .vacation.msg, or the file of -m
   changes   .vacation, a directory with a file for each answer, which it makes
   exits     0 answered, or nothing to answer, 100 the message is an answer of this kind: a loop, 111 trouble, try again
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "dir_file.h"
#include "mark.h"
#include "named_in.h"
#include "respond.h"
#include "respond_history.h"
#include "text.h"
#include "vacation_text.h"

#define USAGE "vacation [ -j ] [ -a address ] ... [ -d directory ] [ -m file ] [ -r days ] [ user ]"

MARK("vacation");

enum { LATER = 111, DAY = 86400, OTHERS_MAX = 100 };

static struct respond_task wanted = { .number = 1, .seconds = 7 * DAY, .text = ".vacation.msg", .directory = ".vacation", .arsender = "$" };
static char const *others[OTHERS_MAX];          /* further addresses of his */
static size_t other_count;
static bool any_recipient, forgets, days_are_given;

/* ---- what is asked ---- */

static void read_days(char const *s)
{
  uint64_t days;
  if (!uint640_scan(s, &days) || days > 10000) strerr_dieusage(LATER, USAGE);
  wanted.seconds = days * DAY;
  days_are_given = true;
}

static void read_options(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(argc, argv, "a:d:iIjm:r:", &options)) != -1;) switch (o) {
    case 'a': if (other_count < OTHERS_MAX) others[other_count++] = options.arg; break;
    case 'd': wanted.directory = options.arg; break;
    case 'i': case 'I': forgets = true; break;
    case 'j': any_recipient = true; break;
    case 'm': wanted.text = options.arg; break;
    case 'r': read_days(options.arg); break;
    default: strerr_dieusage(LATER, USAGE);
  }
  if (argc - options.ind > 1) strerr_dieusage(LATER, USAGE);
}

/* ---- whether ---- */

/* RFC 3834 2: who is written to by name; else he is one of many. An account's own address counts without what is behind it. */
static bool is_for_him(struct mail_header const *header)
{
  stralloc user = STRALLOC_ZERO;
  bool is = any_recipient || named_in(header, wanted.own);
  text_set(&user, respond_variable("USER"));
  text_add(&user, "@");
  text_add(&user, respond_variable("HOST"));
  is = is || named_in(header, (struct field){ user.s, user.len });
  for (size_t i = 0; !is && i < other_count; i++) is = named_in(header, field_of(others[i]));
  stralloc_free(&user);
  return is;
}

static char const *why_not_today(struct vacation_text const *t)
{
  char today[VACATION_DATE];
  time_t now = time(0);
  struct tm tm;
  if (!localtime_r(&now, &tm) || !strftime(today, sizeof today, "%Y-%m-%d", &tm)) strerr_diefusys(LATER, "tell the date");
  if (*t->starts && strcmp(today, t->starts) < 0) return "the vacation has not begun";
  if (*t->ends && strcmp(today, t->ends) > 0) return "the vacation is over";
  return 0;
}

/* ---- the text ---- */

static int read_file(stralloc *to)
{
  int fd = open(wanted.text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) return -1;
  bool read = dir_file_read_fd(to, fd, RESPOND_TEXT_MAX);
  if (!read && errno == EFBIG) strerr_dief(LATER, wanted.text, " has more than 1048576 bytes");
  if (!read) strerr_diefusys(LATER, "read ", wanted.text);
  fd_close(fd);
  return 0;
}

static int as_file(stralloc const *text)
{
  int fd = memfd_create("vacation", MFD_CLOEXEC);
  if (fd == -1 || allwrite(fd, text->s, text->len) < text->len || lseek(fd, 0, SEEK_SET) == -1) strerr_diefusys(LATER, "hold the text");
  return fd;
}

static void make_directory(void)
{
  if (mkdir(wanted.directory, 0700) == -1 && errno != EEXIST) strerr_diefusys(LATER, "mkdir ", wanted.directory);
}

/* Without the file nobody is away. */
static int open_text(struct respond_task *task, struct mail_header const *original, char const **why)
{
  stralloc file = STRALLOC_ZERO;
  struct vacation_text t = { .text = STRALLOC_ZERO };
  struct field subject = { "", 0 };
  if (!is_for_him(original)) return *why = "its recipient is not named in To or Cc", -1;
  if (read_file(&file) == -1) {
    if (errno == ENOENT) *why = "there is no text of an answer";
    return -1;
  }
  mail_header_find(&subject, original, "Subject");
  vacation_text_read(&t, (struct field){ file.s, file.len }, subject);
  if (t.fault) strerr_dief(LATER, task->text, ": ", t.fault);
  if ((*why = why_not_today(&t))) return -1;
  if (t.days && !days_are_given) task->seconds = t.days * DAY;
  make_directory();
  return as_file(&t.text);
}

/* A new vacation: all get an answer again. */
static void forget(void)
{
  int directory = open(wanted.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory == -1 ? errno != ENOENT : !respond_history_clear(directory)) strerr_diefusys(LATER, "forget what is in ", wanted.directory);
}

int main(int argc, char const *const *argv)
{
  PROG = "vacation";
  read_options(argc, argv);
  if (forgets) {
    forget();
    return 0;
  }
  wanted.own = respond_own_address();
  wanted.open_text = open_text;
  return respond(&wanted);
}
