/* dot-forward: obey a .forward file, from a line of a .qmail file or of the default delivery.

   runs as   whose file it is
   reads     the message on descriptor 0, which it rewinds; the files, the control files that complete addresses
   changes   the queue, and what programs in the file do
   exits     99 done, so that the rest of the .qmail file is skipped; 0 the rest is to be obeyed: there is no such file, or it
             names the user himself; 100 refused for good, 111 trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "alias_lines.h"
#include "alias_words.h"
#include "at_home.h"
#include "dir_file.h"
#include "input.h"
#include "line_message.h"
#include "mark.h"
#include "run_command.h"
#include "screen.h"
#include "text.h"

#define USAGE "dot-forward [ -nN ] file ..."

MARK("dot-forward");

enum { GO_ON = 0, ENOUGH = 99, WRONG = 100, LATER = 111, FILE_MAX_BYTES = 16 << 20 };

static bool only_shows;
static struct rewrite_rules rules;
static struct alias_words words = ALIAS_WORDS_ZERO;
static stralloc own = STRALLOC_ZERO, own_whole = STRALLOC_ZERO;       /* USER, USER@HOST */
static stralloc recipients = STRALLOC_ZERO;
static bool is_direct;

static char const *variable(char const *name)
{
  char const *value = getenv(name);
  return value ? value : "";
}

static void read_options(int *argc, char const *const **argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(*argc, *argv, "nN", &options)) != -1;) {
    if (o == '?') strerr_dieusage(WRONG, USAGE);
    only_shows = o == 'n';
  }
  *argc -= options.ind;
  *argv += options.ind;
  if (*argc < 1) strerr_dieusage(WRONG, USAGE);
}

static void find_own(void)
{
  text_set(&own, variable("USER"));
  text_set(&own_whole, own.len ? variable("USER") : "");
  text_add(&own_whole, "@");
  text_add(&own_whole, variable("HOST"));
}

/* For programs, which get the three lines in front of the message. */
static void complete_environment(void)
{
  if (setenv("UFLINE", "", 0) == -1 || setenv("RPLINE", "", 0) == -1 || setenv("DTLINE", "", 0) == -1) strerr_dief(LATER, "out of memory");
}

/* ---- words ---- */

static bool is_same(struct field f, stralloc const *s)
{
  return f.len == s->len && (!f.len || strncasecmp(f.s, s->s, f.len) == 0);
}

static void show(char const *what, struct field f)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, what);
  screen_add(&line, f, f.len, '_');
  strerr_warn(text_z(&line));
  stralloc_free(&line);
}

static void forward(struct field address)
{
  if (only_shows) show("forward ", address);
  text_addb(&recipients, address.s, address.len);
  text_end(&recipients);
}

static void run(struct field command)
{
  stralloc text = STRALLOC_ZERO;
  if (only_shows) {
    show("pipe through ", command);
    return;
  }
  text_setb(&text, command.s, command.len);
  run_command(text_z(&text), true);
  stralloc_free(&text);
}

static void obey(struct alias_word const *w)
{
  struct field plain = alias_plain(&words, w);
  if (w->kind == ALIAS_PROGRAM) run(plain);
  else if (!is_same(plain, &own) && !is_same(plain, &own_whole)) forward(alias_whole(&words, w));
  else {
    is_direct = true;
    if (only_shows) strerr_warn("direct delivery");
  }
}

static char const *fault_of(struct alias_word const *w)
{
  if (w->kind == ALIAS_FILE) return "file delivery is not supported";
  if (w->kind == ALIAS_INCLUDE) return ":include: is not supported";
  if (memchr(words.text.s, 0, words.text.len)) return "there is a NUL";
  return w->kind == ALIAS_HOST || !w->whole_len ? "this is no address" : 0;
}

/* ---- a file ---- */

/* All lines are looked at before one is obeyed: else its programs would run again and again, since a bad line makes the message
   wait. How many words there are. */
static size_t follow(char const *name, stralloc const *file, bool obeys)
{
  struct alias_lines lines = { .in = { file->s, file->len } };
  size_t count = 0;
  while (alias_lines_next(&lines, false)) {
    if (!alias_words_read(&words, lines.text.s, lines.text.len, &rules)) input_fault(LATER, name, lines.number, "unable to parse this line");
    count += alias_words_count(&words);
    for (size_t i = 0; i < alias_words_count(&words); i++) {
      char const *fault = fault_of(alias_words_get(&words, i));
      if (fault) input_fault(LATER, name, lines.number, fault);
      if (obeys) obey(alias_words_get(&words, i));
    }
  }
  stralloc_free(&lines.text);
  return count;
}

static bool read_file(stralloc *to, char const *name)
{
  int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  to->len = 0;
  text_room(to, 1);
  if (fd == -1 && errno == ENOENT) return false;
  if (fd == -1 || !dir_file_read_fd(to, fd, FILE_MAX_BYTES)) strerr_diefusys(LATER, "read ", name);
  fd_close(fd);
  return true;
}

static void send(void)
{
  char const *head = variable("DTLINE");
  char number[ULONG_FMT];
  if (!recipients.len || only_shows) return;
  unsigned long qp = line_resend(&(struct resend){
    .message_fd = 0, .head = head, .head_len = strlen(head), .sender = variable("NEWSENDER"), .addresses = &recipients
  });
  number[ulong_fmt(number, qp)] = 0;
  strerr_warni("qp ", number);
}

/* Whether the file says anything. */
static bool is_followed(char const *name)
{
  static stralloc file = STRALLOC_ZERO;
  if (!read_file(&file, name)) return false;
  if (!rules.is_ours) at_home(&rules);
  if (!follow(name, &file, false)) {
    if (only_shows) strerr_warn("skipping empty file ", name);
    return false;
  }
  follow(name, &file, true);
  return true;
}

int main(int argc, char const *const *argv)
{
  PROG = "dot-forward";
  read_options(&argc, &argv);
  find_own();
  complete_environment();
  for (int i = 0; i < argc; i++) {
    if (!is_followed(argv[i])) continue;
    send();
    return is_direct ? GO_ON : ENOUGH;
  }
  return GO_ON;
}
