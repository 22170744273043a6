/* qmail-local: deliver one message to one local address, as the .qmail file of the address says.

   runs as   the addressee, started by qmail-lspawn; may stay for further deliveries to him (agent.h)
   reads     the message on fd 0 (seekable), .qmail files in the home directory, its arguments, control/patrn
   changes   what the .qmail file names: Maildirs, mbox files, what its programs do, the queue by forwards
   exits     0 delivered, 100 refused for good, 111 to be tried again; the report is what it prints
*/

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "agent.h"
#include "control.h"
#include "dotqmail.h"
#include "envelope_extra.h"
#include "home.h"
#include "homes.h"
#include "instructions.h"
#include "local_dotqmail.h"
#include "local_end.h"
#include "local_forward.h"
#include "local_limits.h"
#include "loop.h"
#include "local_mail.h"
#include "local_maildir.h"
#include "local_mbox.h"
#include "local_memory.h"
#include "local_program.h"
#include "local_virtual.h"
#include "mark.h"
#include "moved.h"
#include "slips.h"
#include "text.h"

#define USAGE "qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty"

MARK("qmail-local");

static struct local_mail mail;
static bool only_show;              /* -n */
static bool forward_only;           /* files and programs are refused from here on */
static unsigned files, programs;
static stralloc patrn = STRALLOC_ZERO;

static struct control const controls[] = {
  /* file     kind           goes to  when absent */
  { "patrn",  CONTROL_LINE,  &patrn,  "002" },
  { 0 }
};

/* ---- what must be right first ---- */

static _Noreturn void refuse_option(char option)
{
  char const name[2] = { option, 0 };
  strerr_warn(PROG, ": illegal option -- ", name);
  strerr_dieusage(100, USAGE);
}

/* What this process was started with counts once, and no program of the user sees it. */
static void learn_at_start(void)
{
  char const *given = getenv(EXTRAS_VARIABLE);
  text_set(&mail.extras, given ? given : "");
  unsetenv(EXTRAS_VARIABLE);
}

static void read_options(int *argc, char const *const **argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  learn_at_start();
  for (int o; (o = subgetopt_r(*argc, *argv, "nNx:", &options)) != -1;) {
    if (o == '?') refuse_option((char)options.problem);
    if (o == EXTRAS_OPTION[1]) text_set(&mail.extras, options.arg);
    else only_show = o == 'n';
  }
  text_z(&mail.extras);
  *argc -= options.ind;
  *argv += options.ind;
}

static void read_arguments(int argc, char const *const *argv)
{
  read_options(&argc, &argv);
  if (argc != 8 || argv[1][0] != '/') strerr_dieusage(100, USAGE);
  char const **const to[8] = {
    &mail.user, &mail.home, &mail.local, &mail.dash, &mail.ext, &mail.host, &mail.sender, &mail.default_delivery
  };
  for (int i = 0; i < 8; i++) *to[i] = argv[i];
}

static void settle(void)
{
  umask(077);
  close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  signal(SIGPIPE, SIG_IGN);
  memory_limit();
}

static void check_home(void)
{
  struct stat st;
  if (stat(".", &st) == -1) local_defer("Unable to stat home directory: ", reason(errno), ". (#4.3.0)");
  if (st.st_mode & dotqmail_patrn(patrn.s, patrn.len)) local_defer("Uh-oh: home directory is writable. (#4.7.0)");
  if (!(st.st_mode & S_ISVTX)) return;
  if (!only_show) local_defer("Home directory is sticky: user is editing his .qmail file. (#4.2.1)");
  strerr_warn("Warning: home directory is sticky.");
}

static void read_controls(void)
{
  char const *culprit = HOME;
  if (chdir(HOME) == -1 || !control_load(controls, &culprit)) local_defer_errno("Unable to read ", culprit, "(#4.3.0)");
}

static void go_home(void)
{
  if (chdir(mail.home) == -1) local_defer_errno("Unable to switch to ", mail.home, "(#4.3.0)");
  check_home();
}

static void refuse_loop(void)
{
  struct loop_scan scan;
  loop_scan_begin(&scan, mail.delivered_to.s, mail.delivered_to.len);
  switch (loop_scan_file(&scan, 0)) {
    case 0: return;
    case 1: local_bounce("This message is looping: it already has my Delivered-To line. (#5.4.6)");
    default: local_defer("Unable to read message: ", reason(errno), ". (#4.3.0)");
  }
}

/* ---- the .qmail file ---- */

/* The text as a C string, good until the next call. */
static char const *text_of(struct instruction const *in)
{
  static stralloc text = STRALLOC_ZERO;
  text_setb(&text, in->text, in->len);
  return text_z(&text);
}

static void show_tried(struct dotqmail const *d)
{
  for (size_t i = 0; i < d->tried.len; i += strlen(d->tried.s + i) + 1)
    strerr_warn("looked for ", mail.home, "/", d->tried.s + i, ", which is not there");
}

/* Comes back where nobody of that name has moved. */
static void tell_where_he_is(void)
{
  stralloc lines = STRALLOC_ZERO, text = STRALLOC_ZERO;
  struct field now;
  if (control_slurp_path(&lines, HOME "/control/moved") == -1) local_defer_errno("Unable to read ", "control/moved", "(#4.3.0)");
  text_set(&text, mail.local);
  text_add(&text, "@");
  text_add(&text, mail.host);
  struct field const address = { text.s, text.len };
  if (!moved_find(&now, lines.s, lines.len, address)) return;
  stralloc sentence = STRALLOC_ZERO;
  while (!moved_sentence(&sentence, address, now)) memory_gone();
  text_add(&sentence, ". (#5.1.6)");
  local_bounce(text_z(&sentence));
}

static _Noreturn void refuse_address(void)
{
  if (home_is_vacant(AT_FDCWD, "."))
    local_defer(mail.home, " is an empty directory of root: is its file system mounted? (#4.3.0)");
  tell_where_he_is();
  local_bounce("Sorry, no mailbox here by that name. (#5.1.1)");
}

static void find_instructions(struct dotqmail *d)
{
  dotqmail_read(d, &mail, dotqmail_patrn(patrn.s, patrn.len));
  if (only_show && !d->found) show_tried(d);
  if (!d->found && *mail.dash) refuse_address();
  if (d->text.len) {
    forward_only = d->forward_only;
    return;
  }
  d->name = "the default delivery";
  text_set(&d->text, mail.default_delivery);
  text_add(&d->text, "\n");
}

static char const *trouble_with(struct instruction const *in)
{
  char const *slip = slip_of(in);
  if (slip || in->kind != INSTRUCTION_MBOX || !mbox_is_inside_maildir(text_of(in))) return slip;
  return "in a Maildir nobody would read this file; the line of a Maildir ends with its slash";
}

/* Of all lines before any is followed, so that nothing is delivered again and again while the file is wrong. */
static void refuse_slips(struct dotqmail const *d)
{
  static stralloc number = STRALLOC_ZERO;
  struct instruction in;
  size_t at = 0;
  for (size_t n = 1; instruction_next(&in, d->text.s, d->text.len, &at); n++) {
    char const *trouble = trouble_with(&in);
    if (!trouble) continue;
    number.len = 0;
    text_addu(&number, n);
    local_defer("Uh-oh: ", d->name, " line ", text_z(&number), ": ", trouble, ". (#4.2.1)");
  }
}

static void find_new_sender(void)
{
  bool has_owner, has_owner_default;
  dotqmail_owners(&mail, &has_owner, &has_owner_default);
  local_mail_new_sender(&mail, has_owner, has_owner_default);
}

/* ---- instructions: each says whether to go on with the next line ---- */

static void show(char const *what, struct instruction const *in)
{
  buffer_puts(buffer_1, what);
  buffer_put(buffer_1, in->text, (size_t)(in->line + in->line_len - in->text));
  if (!buffer_putflush(buffer_1, "\n", 1)) local_defer_errno("Unable to write ", "output", "(#4.3.0)");
}

static void refuse_file_delivery(void)
{
  if (forward_only) local_defer("Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)");
}

static bool do_nothing(struct instruction const *in)
{
  (void)in;
  return true;
}

static bool do_blank_first(struct instruction const *in)
{
  (void)in;
  local_defer("Uh-oh: first line of .qmail file is blank. (#4.2.1)");
}

static bool do_maildir(struct instruction const *in)
{
  refuse_file_delivery();
  files++;
  if (only_show) show("maildir ", in);
  else local_maildir_deliver(&mail, text_of(in));
  return true;
}

static bool do_mbox(struct instruction const *in)
{
  refuse_file_delivery();
  files++;
  if (only_show) show("mbox ", in);
  else mbox_deliver(&mail, text_of(in));
  return true;
}

static bool do_program(struct instruction const *in)
{
  if (forward_only) local_defer("Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)");
  programs++;
  if (!only_show) return virtual_is(in) ? virtual_run(&mail, in) : program_run(&mail, text_of(in));
  show("program ", in);
  return true;
}

static bool do_forward(struct instruction const *in)
{
  forward_add(in->text, in->len);
  if (only_show) show("forward ", in);
  return true;
}

static bool do_forward_only(struct instruction const *in)
{
  (void)in;
  forward_only = true;
  return true;
}

static bool (*const deeds[])(struct instruction const *) = {
  [INSTRUCTION_NOTHING] = do_nothing,
  [INSTRUCTION_BLANK_FIRST] = do_blank_first,
  [INSTRUCTION_PROGRAM] = do_program,
  [INSTRUCTION_MAILDIR] = do_maildir,
  [INSTRUCTION_MBOX] = do_mbox,
  [INSTRUCTION_FORWARD] = do_forward,
  [INSTRUCTION_FORWARD_ONLY] = do_forward_only
};

static void follow(struct dotqmail const *d)
{
  struct instruction in;
  size_t at = 0;
  while (instruction_next(&in, d->text.s, d->text.len, &at))
    if (!deeds[in.kind](&in)) return;
}

/* It needs no process of its own, and leaves nothing behind in this one. At most one line is of a virtual domain: a line after
   it might need a process when it has been begun. */
static bool is_quick(struct instruction const *in, bool is_only)
{
  static bool const quick[] = {
    [INSTRUCTION_NOTHING] = true, [INSTRUCTION_MAILDIR] = true, [INSTRUCTION_FORWARD_ONLY] = true
  };
  if (in->kind < sizeof quick && quick[in->kind]) return true;
  return is_only && !forward_only && !only_show && virtual_is(in) && virtual_is_short(&mail, in);
}

static bool is_short(struct dotqmail const *d)
{
  struct instruction in;
  size_t at = 0;
  for (bool is_only = true; instruction_next(&in, d->text.s, d->text.len, &at); is_only = is_only && in.kind != INSTRUCTION_PROGRAM)
    if (!is_quick(&in, is_only)) return false;
  return true;
}

/* ---- the end ---- */

static void report(unsigned long qp)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, "did ");
  text_addu(&line, files);
  text_add(&line, "+");
  text_addu(&line, forward_count());
  text_add(&line, "+");
  text_addu(&line, programs);
  text_add(&line, "\n");
  if (qp) {
    text_add(&line, "qp ");
    text_addu(&line, qp);
    text_add(&line, "\n");
  }
  allwrite(1, line.s, line.len);
}

static void deliver(int argc, char const *const *argv)
{
  static struct dotqmail instructions = DOTQMAIL_ZERO;
  only_show = forward_only = false;
  files = programs = 0;
  virtual_begin();
  read_arguments(argc, argv);
  read_controls();
  go_home();
  local_mail_lines(&mail, time(0));
  if (!only_show) refuse_loop();
  find_instructions(&instructions);
  refuse_slips(&instructions);
  if (is_short(&instructions)) {
    agent_is_light();
  } else {
    if (agent_leave_to_child()) return;
    find_new_sender();
  }
  follow(&instructions);
  bool forwarded = forward_count() && !only_show, alone = !files && !programs;
  report(forwarded ? forward_send(&mail, alone) : 0);
  int exit_code = forwarded && alone ? forward_exit(&mail) : 0;
  if (exit_code) _exit(exit_code);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-local";
  settle();
  agent_run(argc, argv, &(struct agent_work){ .deliver = deliver });
  return 0;
}
