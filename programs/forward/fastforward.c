/* fastforward: send the message on by a table of addresses, from a line of a .qmail file.

   runs as   whose .qmail file it is: alias, for /etc/aliases
   reads     the message on descriptor 0, which it rewinds; the table, and lists that it names
   changes   the queue, and what programs of the table do
   exits     0 done, 99 done with -p, 100 nobody has the address or it is refused for good, 111 trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "dir_file.h"
#include "forward_table.h"
#include "line_message.h"
#include "mark.h"
#include "run_command.h"
#include "screen.h"
#include "text.h"

#define USAGE "fastforward [ -nNpPdD ] data.cdb"

MARK("fastforward");

enum { DONE = 0, ENOUGH = 99, NEVER = 100, LATER = 111, LIST_MAX = 1 << 30 };

static struct wanted {
  bool only_shows, passes, by_default;        /* -n, -p, -d */
} wanted;

static struct field table;
static char const *head, *sender;
static stralloc stack = STRALLOC_ZERO;        /* addresses and lists to be looked at, each with a NUL before and behind it */
static stralloc recipients = STRALLOC_ZERO;   /* each with its NUL */
static void *seen;                            /* a tree of strings */

/* ---- what is asked ---- */

static void read_options(int *argc, char const *const **argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(*argc, *argv, "nNpPdD", &options)) != -1;) switch (o) {
    case 'n': case 'N': wanted.only_shows = o == 'n'; break;
    case 'p': case 'P': wanted.passes = o == 'p'; break;
    case 'd': case 'D': wanted.by_default = o == 'd'; break;
    default: strerr_dieusage(NEVER, USAGE);
  }
  *argc -= options.ind;
  *argv += options.ind;
  if (*argc != 1) strerr_dieusage(NEVER, USAGE);
}

static struct field address_of_delivery(void)
{
  static stralloc address = STRALLOC_ZERO;
  if (!wanted.by_default) return field_of(line_variable("RECIPIENT"));
  char const *part = getenv("DEFAULT");
  text_set(&address, part ? part : line_variable("EXT"));
  text_add(&address, "@");
  text_add(&address, line_variable("HOST"));
  return (struct field){ address.s, address.len };
}

static void read_environment(void)
{
  head = getenv("DTLINE");
  sender = getenv("SENDER");
  if (!head) head = "";
  if (!sender) sender = "original envelope sender";
}

static void open_table(char const *path)
{
  struct stat st;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 || fstat(fd, &st) == -1) strerr_diefusys(LATER, "open ", path);
  void *map = st.st_size ? mmap(0, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  if (!st.st_size) errno = EINVAL;
  if (map == MAP_FAILED) strerr_diefusys(LATER, "read ", path);
  fd_close(fd);
  table = (struct field){ map, (size_t)st.st_size };
}

static bool found(int r)
{
  if (r == -1) strerr_diefusys(LATER, "read the table");
  return r == 1;
}

/* ---- what is found ---- */

static int compare(void const *a, void const *b)
{
  return strcmp(a, b);
}

/* Whether this one has not been looked at before. */
static bool is_first(char const *s)
{
  char **at = tsearch(s, &seen, compare);
  if (!at) strerr_dief(LATER, "out of memory");
  if (*at != s) return false;
  if (!(*at = strdup(s))) strerr_dief(LATER, "out of memory");
  return true;
}

static void push(struct field f)
{
  text_end(&stack);
  text_addb(&stack, f.s, f.len);
  text_end(&stack);
}

/* The newest; it stays where it is until the next push. */
static char const *pop(void)
{
  if (!stack.len) return 0;
  size_t at = --stack.len;
  while (stack.s[at - 1]) at--;
  stack.len = at - 1;
  return stack.s + at;
}

static void show(char const *what, struct field f, char const *end)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, what);
  screen_add(&line, f, f.len, '_');
  text_add(&line, end);
  strerr_warn(text_z(&line));
  stralloc_free(&line);
}

static void run(struct field instruction)
{
  stralloc command = STRALLOC_ZERO;
  if (wanted.only_shows) {
    show("run ", instruction, "");
    return;
  }
  text_setb(&command, instruction.s + 1, instruction.len - 1);
  run_command(text_z(&command), *instruction.s == '!');
  stralloc_free(&command);
}

/* An address that is too long is none, and nor is what begins with something else. */
static void obey(struct field instruction)
{
  if (!instruction.len) return;
  switch (*instruction.s) {
    case '|': case '!': run(instruction); break;
    case '/': case '.': push(instruction); break;
    case '&': if (instruction.len <= FORWARD_ADDRESS_MAX + 1) push((struct field){ instruction.s + 1, instruction.len - 1 });
  }
}

static void obey_all(struct field instructions)
{
  struct field one;
  for (size_t at = 0; forward_entry_next(&one, instructions, &at);) obey(one);
}

/* ---- lists ---- */

static void read_list(char const *path)
{
  stralloc list = STRALLOC_ZERO;
  struct stat st;
  struct field one;
  size_t at = 0;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 || fstat(fd, &st) == -1) strerr_diefusys(LATER, "read ", path);
  if ((st.st_mode & 0444) != 0444) strerr_dief(LATER, path, " is not world-readable");
  if (!dir_file_read_fd(&list, fd, LIST_MAX)) strerr_diefusys(LATER, "read ", path);
  fd_close(fd);
  while (forward_entry_next(&one, (struct field){ list.s, list.len }, &at)) {
    char const *fault = forward_list_fault(one);
    if (fault) strerr_dief(LATER, path, " is no mailing list: ", fault);
    obey(one);
  }
  if (at != list.len) strerr_dief(LATER, path, " is no mailing list: the last entry is not ended");
  stralloc_free(&list);
}

static bool is_list(char const *s)
{
  return *s == '/' || (s[0] == '.' && s[1] == '/');
}

/* An address with an owner of its own is a message of its own, whose bounces go there. */
static void look_at(char const *address)
{
  struct field f = field_of(address), instructions, owner;
  bool is_final = found(forward_table_find(&owner, table, FORWARD_OWNER, f))
               || !found(forward_table_find(&instructions, table, FORWARD_INSTRUCTIONS, f));
  if (is_final) text_addb(&recipients, address, f.len + 1);
  else obey_all(instructions);
}

static void expand(void)
{
  stralloc one = STRALLOC_ZERO;
  for (char const *s; (s = pop());) {
    text_set(&one, s);
    char const *newest = text_z(&one);
    if (!is_first(newest)) continue;
    if (is_list(newest)) read_list(newest);
    else look_at(newest);
  }
  stralloc_free(&one);
}

/* ---- the message ---- */

static void find_sender(struct field address)
{
  static stralloc text = STRALLOC_ZERO;
  struct field owner;
  if (!*sender || !strcmp(sender, "#@[]") || !found(forward_table_find_any(&owner, table, FORWARD_OWNER, address))) return;
  text_setb(&text, owner.s, owner.len);
  sender = text_z(&text);
}

static void show_forwarding(void)
{
  if (!recipients.len) {
    strerr_warn("no forwarding");
    return;
  }
  show("from <", field_of(sender), ">");
  for (size_t i = 0; i < recipients.len; i += strlen(recipients.s + i) + 1) show("to <", field_of(recipients.s + i), ">");
}

static void forward(void)
{
  int code = wanted.passes ? ENOUGH : DONE;
  if (wanted.only_shows) show_forwarding();
  else if (recipients.len)
    line_queued(code, line_resend(&(struct resend){
      .message_fd = 0, .head = head, .head_len = strlen(head), .sender = sender, .addresses = &recipients
    }));
  _exit(code);
}

int main(int argc, char const *const *argv)
{
  struct field instructions;
  stralloc original = STRALLOC_ZERO;
  PROG = "fastforward";
  read_options(&argc, &argv);
  read_environment();
  struct field address = address_of_delivery();
  open_table(argv[0]);
  find_sender(address);
  if (!found(forward_table_find_any(&instructions, table, FORWARD_INSTRUCTIONS, address))) {
    if (wanted.passes) return DONE;
    strerr_die(NEVER, "Sorry, no mailbox here by that name. (#5.1.1)");
  }
  text_setb(&original, address.s, address.len);
  is_first(text_z(&original));
  obey_all(instructions);
  expand();
  forward();
}
