/* ezmlm-limit: so many posts in so little time are too many.

   runs as   who owns the list, in a line of its editor, before others
   reads     num of the list
   changes   loopnum, which says since when is counted; on excess it makes modpost, so that posts wait for a moderator
   exits     0, 100 wrong use, 111 trouble; with -d on excess, too, so that the post waits in the queue
*/

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "archive.h"
#include "list_file.h"
#include "list_options.h"
#include "list_words.h"
#include "replace.h"
#include "text.h"

#define USAGE "ezmlm-limit [ -dDF ] [ -f file ] [ -n messages ] [ -t seconds ] dir"

static struct list list = LIST_ZERO;
static char const *state = "loopnum";
static uint64_t messages = 30, seconds = 3600;
static bool defers = false;

static struct list_option const options[] = {
  { 'd', OPTION_ON, &defers, 0 },
  { 'D', OPTION_OFF, &defers, 0 },
  { 'f', OPTION_TEXT, &state, 0 },
  { 'n', OPTION_NUMBER, &messages, 0 },
  { 't', OPTION_NUMBER, &seconds, 0 },
  { 'F', OPTION_IGNORED, 0, 0 },
  { 0 }
};

/* "N:time": the last number when counting began, and when that was. */
struct since { uint64_t number, when; };

static void begin_anew(struct since const *now)
{
  stralloc text = STRALLOC_ZERO, aside = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  text_addu(&text, now->number);
  text_add(&text, ":");
  text_addu(&text, now->when);
  text_add(&text, "\n");
  text_set(&aside, state);
  text_add(&aside, "n");
  if (!replace_begin(&r, state, text_z(&aside), 0644) || !replace_write(&r, text.s, text.len) || !replace_commit(&r))
    list_die_system(&list, "ERR_WRITE", state);
}

static bool read_numbers(struct archive_num *to, char const *name)
{
  stralloc text = STRALLOC_ZERO;
  int r = list_file_read(&text, name, LIST_FILE_MAX);
  if (r == -1) list_die_system(&list, "ERR_READ", name);
  bool there = r == 1 && archive_num_scan(to, text.s, text.len);
  stralloc_free(&text);
  return there;
}

static bool is_running(struct archive_num const *then, struct since const *now)
{
  return then->number <= now->number && then->size <= now->when && now->when - then->size <= seconds;
}

static void have_moderated(void)
{
  int fd = open("modpost", O_WRONLY | O_CREAT | O_CLOEXEC, 0644), here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1 || fsync(fd) == -1 || fsync(here) == -1) list_die_system(&list, "ERR_CREATE", "modpost");
  if (unlink(state) == -1 && errno != ENOENT) list_die_system(&list, "ERR_DELETE", state);
  strerr_warni("too many messages: from now on they wait for a moderator");
}

static void count(struct since const *now)
{
  struct archive_num then;
  if (!read_numbers(&then, state) || !is_running(&then, now)) begin_anew(now);
  else if (now->number - then.number < messages) return;
  else if (defers) strerr_dief(LIST_TROUBLE, "too many messages: they wait");
  else have_moderated();
}

int main(int argc, char const *const *argv)
{
  struct archive_num num;
  PROG = "ezmlm-limit";
  int next = list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  if (next < argc) strerr_dieusage(LIST_REFUSED, USAGE);
  if (list_flag(&list, "modpost")) return 0;
  list_lock("lock");
  if (!read_numbers(&num, "num")) list_die_missing(&list, "num");
  count(&(struct since){ .number = num.number, .when = (uint64_t)time(0) });
  return 0;
}
