/* qmail-pop3d: show a Maildir over POP3 to a user who has already proven who he is.

   runs as   that user, started by the password checker; refuses to be root
   reads     commands on fd 0, messages in the Maildir named by argv[1], HOME/control/timeoutpop3session and logindelay
   changes   the Maildir: removes what the user deleted and renames new/ to cur/, at QUIT only; what has
             gone is noted in its ledger, maildirsize, if it has one, and that he came in pop3login, where logindelay is set
   logs      one line about the session on fd 2
   exits     0 after every session, also a failed one, of which the client is told; 1 as root
*/

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "capture.h"
#include "command.h"
#include "confine.h"
#include "control.h"
#include "controls_at_home.h"
#include "last_login.h"
#include "log_text.h"
#include "mailbox.h"
#include "maildirsize.h"
#include "number.h"
#include "surrogate.h"
#include "temporary.h"
#include "text.h"
#include "transfer.h"

enum { TIMEOUT = 1200 };        /* seconds; RFC 1939 section 3 asks for 600 at least */

static unsigned long session_seconds, login_delay;

static struct control const controls[] = {
  /* file                 kind            goes to           when absent */
  { "timeoutpop3session", CONTROL_NUMBER, &session_seconds, "14400" },
  { "logindelay",         CONTROL_NUMBER, &login_delay,     "0" },
  { 0 }
};

static struct net net;
static int const state = 1;
static struct mailbox mailbox = MAILBOX_ZERO;
static struct maildirsize ledger;
static bool knows_utf8;         /* the client has said UTF8, or the rules say that he need not */
static size_t last;             /* highest number the client deleted */
static struct { uint64_t retrieved, deleted, octets; } done;

/* ---- endings ---- */

static char const *const losses[] = {
  [NET_EOF] = "hangup", [NET_TIMEOUT] = "timeout", [NET_SESSION_OVER] = "too long", [NET_ERROR] = "error"
};

static void log_variable(stralloc *line, char const *label, char const *variable)
{
  char const *value = getenv(variable);
  if (!value) value = "unknown";
  text_add(line, label);
  if (!log_text(line, value, strlen(value), 255)) die_nomem();
}

static void log_count(stralloc *line, char const *label, uint64_t count)
{
  text_add(line, label);
  text_addu(line, count);
}

_Noreturn static void end(char const *how)
{
  stralloc line = STRALLOC_ZERO;
  text_add(&line, "qmail-pop3d:");
  log_variable(&line, " ip ", "TCPREMOTEIP");
  log_variable(&line, " user ", "USER");
  log_count(&line, " messages ", mailbox_count(&mailbox));
  log_count(&line, " retrieved ", done.retrieved);
  log_count(&line, " deleted ", done.deleted);
  log_count(&line, " octets ", done.octets);
  text_add(&line, ": ");
  text_add(&line, how);
  text_add(&line, "\n");
  fd_write(2, line.s, line.len);
  _exit(0);
}

_Noreturn static void client_lost(struct net *n, enum net_loss why)
{
  (void)n;
  end(losses[why]);
}

_Noreturn static void end_with(char const *text)
{
  reply(&net, text);
  net_flush(&net);
  end("failed");
}

/* ---- replies ---- */

static void ok(void)
{
  reply(&net, "+OK ");
}

static void put_number(uint64_t number)
{
  char digits[UINT64_FMT];
  net_put(&net, digits, uint64_fmt(digits, number));
}

static void put_size(size_t i)
{
  put_number(mailbox_message(&mailbox, i)->size);
}

static void put_uid(size_t i)
{
  char uid[UID_MAX];
  net_put(&net, uid, mailbox_uid(&mailbox, mailbox_message(&mailbox, i), uid));
}

static void put_line_about(size_t i, void (*put)(size_t))
{
  put_number(i + 1);
  net_puts(&net, " ");
  put(i);
  net_puts(&net, "\r\n");
}

/* ---- which message ---- */

/* The message whose number the argument begins with; *argument and *len move behind it. Null when there is none, and
   the client has been told. */
static struct message *message_wanted(char **argument, size_t *len)
{
  uint64_t number;
  size_t digits = number_scan(*argument, *len, &number);
  char const *trouble = 0;
  if (!digits) trouble = "-ERR syntax error";
  else if (number == 0) trouble = "-ERR messages are counted from 1";
  else if (number > mailbox_count(&mailbox)) trouble = "-ERR not that many messages";
  else if (mailbox_message(&mailbox, number - 1)->deleted) trouble = "-ERR already deleted";
  if (trouble) {
    reply(&net, trouble);
    return 0;
  }
  *argument += digits;
  *len -= digits;
  return mailbox_message(&mailbox, number - 1);
}

static size_t index_of(struct message const *m)
{
  return (size_t)(m - mailbox_message(&mailbox, 0));
}

/* ---- verbs ---- */

static void verb_stat(char *argument, size_t len)
{
  uint64_t count = 0, bytes = 0;
  (void)argument; (void)len;
  for (size_t i = 0; i < mailbox_count(&mailbox); i++) {
    struct message const *m = mailbox_message(&mailbox, i);
    if (m->deleted) continue;
    count++;
    bytes += m->size;
  }
  net_puts(&net, "+OK ");
  put_number(count);
  net_puts(&net, " ");
  put_number(bytes);
  net_puts(&net, "\r\n");
}

static void tell_about(char *argument, size_t len, void (*put)(size_t))
{
  if (len) {
    struct message const *m = message_wanted(&argument, &len);
    if (!m) return;
    net_puts(&net, "+OK ");
    put_line_about(index_of(m), put);
    return;
  }
  ok();
  for (size_t i = 0; i < mailbox_count(&mailbox); i++)
    if (!mailbox_message(&mailbox, i)->deleted) put_line_about(i, put);
  reply(&net, ".");
}

static void verb_list(char *argument, size_t len)
{
  tell_about(argument, len, put_size);
}

static void verb_uidl(char *argument, size_t len)
{
  tell_about(argument, len, put_uid);
}

static void put_message(char const *s, size_t len)
{
  net_put(&net, s, len);
  done.octets += len;
}

/* The next piece of the file, with a surrogate of the header, or of what of it lies in this piece. */
static bool send_surrogate(struct transfer *t, struct surrogate *header, char const *s, size_t len)
{
  static stralloc shown = STRALLOC_ZERO;
  shown.len = 0;
  size_t const taken = surrogate_take(header, &shown, s, len);
  if (!len) surrogate_end(header, &shown);
  return transfer_piece(t, shown.s, shown.len) && transfer_piece(t, s + taken, len - taken);
}

/* A message that cannot be read to its end must not look complete: the connection is all we can break off. */
static void send_message(int fd, struct transfer *t)
{
  static char block[65536];
  struct surrogate header = { .field = STRALLOC_ZERO };
  ssize_t r = fd_read(fd, block, sizeof block);
  bool const as_it_is = knows_utf8 || r <= 0 || !surrogate_is_needed(block, (size_t)r);
  for (; r > 0; r = fd_read(fd, block, sizeof block))
    if (!(as_it_is ? transfer_piece(t, block, (size_t)r) : send_surrogate(t, &header, block, (size_t)r))) break;
  if (r == -1) {
    strerr_warnwusys("read a message");
    end("error");
  }
  if (!as_it_is) send_surrogate(t, &header, block, 0);
  transfer_end(t);
}

/* The number of lines behind the message's number; false if there is none: the whole message is wanted. */
static bool lines_wanted(char const *s, size_t len, uint64_t *lines)
{
  while (len && *s == ' ') s++, len--;
  return number_scan(s, len, lines) > 0;
}

static void verb_top(char *argument, size_t len)
{
  struct transfer t = { .put = put_message };
  struct message *m = message_wanted(&argument, &len);
  if (!m) return;
  t.whole = !lines_wanted(argument, len, &t.lines_left);
  int fd = mailbox_open(&mailbox, m);
  if (fd == -1) {
    reply(&net, "-ERR unable to open that message");
    return;
  }
  ok();
  send_message(fd, &t);
  fd_close(fd);
  if (t.whole) done.retrieved++;
}

static void verb_dele(char *argument, size_t len)
{
  struct message *m = message_wanted(&argument, &len);
  if (!m) return;
  m->deleted = true;
  if (index_of(m) + 1 > last) last = index_of(m) + 1;
  ok();
}

static void verb_last(char *argument, size_t len)
{
  (void)argument; (void)len;
  net_puts(&net, "+OK ");
  put_number(last);
  net_puts(&net, "\r\n");
}

static void verb_rset(char *argument, size_t len)
{
  (void)argument; (void)len;
  for (size_t i = 0; i < mailbox_count(&mailbox); i++) mailbox_message(&mailbox, i)->deleted = false;
  last = 0;
  ok();
}

static void verb_capa(char *argument, size_t len)
{
  (void)argument; (void)len;
  reply(&net, "+OK ");
  list_capabilities(&net, getenv(MECHANISMS_VARIABLE), login_delay);
}

static void verb_noop(char *argument, size_t len)
{
  (void)argument; (void)len;
  ok();
}

static bool settle(struct message *m)
{
  if (!m->deleted) {
    mailbox_make_old(&mailbox, m);
    return true;
  }
  if (!mailbox_remove(&mailbox, m)) {
    strerr_warnwusys("unlink ", mailbox.names.s + m->path);
    return false;
  }
  done.deleted++;
  return true;
}

/* One line for all of them. */
static void note_what_has_gone(void)
{
  struct quota_usage gone = { 0, 0 };
  for (size_t i = 0; i < mailbox_count(&mailbox); i++) {
    struct message const *m = mailbox_message(&mailbox, i);
    if (m->freed) quota_usage_add(&gone, m->size);
  }
  if (gone.messages) maildirsize_add(&ledger, -(int64_t)gone.bytes, -(int64_t)gone.messages);
}

static void verb_quit(char *argument, size_t len)
{
  bool all = true;
  (void)argument; (void)len;
  for (size_t i = 0; i < mailbox_count(&mailbox); i++) all &= settle(mailbox_message(&mailbox, i));
  note_what_has_gone();
  reply(&net, all ? "+OK " : "-ERR [SYS/TEMP] unable to unlink all deleted messages");
  net_flush(&net);
  end("quit");
}

/* RFC 6856 section 2: a command of the time before the login. */
static void verb_utf8(char *argument, size_t len)
{
  (void)argument; (void)len;
  reply(&net, "-ERR UTF8 comes before the login");
}

static void verb_other(char *argument, size_t len)
{
  (void)argument; (void)len;
  reply(&net, "-ERR unimplemented");
}

static struct verb const verbs[] = {
  /* name    does        welcome in      otherwise  kind */
  { "STAT",  verb_stat,  VERB_ANYWHERE,  0,         0 },
  { "LIST",  verb_list,  VERB_ANYWHERE,  0,         0 },
  { "UIDL",  verb_uidl,  VERB_ANYWHERE,  0,         0 },
  { "RETR",  verb_top,   VERB_ANYWHERE,  0,         VERB_ARGUMENT },
  { "TOP",   verb_top,   VERB_ANYWHERE,  0,         VERB_ARGUMENT },
  { "DELE",  verb_dele,  VERB_ANYWHERE,  0,         VERB_ARGUMENT },
  { "LAST",  verb_last,  VERB_ANYWHERE,  0,         0 },
  { "RSET",  verb_rset,  VERB_ANYWHERE,  0,         0 },
  { "CAPA",  verb_capa,  VERB_ANYWHERE,  0,         0 },
  { "NOOP",  verb_noop,  VERB_ANYWHERE,  0,         0 },
  { "UTF8",  verb_utf8,  VERB_ANYWHERE,  0,         0 },
  { "QUIT",  verb_quit,  VERB_ANYWHERE,  0,         0 },
  { 0,       verb_other, VERB_ANYWHERE,  0,         0 }
};

/* ---- the beginning ---- */

static void refuse_root(void)
{
  if (getuid() && geteuid()) return;
  strerr_warn("qmail-pop3d invoked as uid 0, terminating");
  _exit(1);
}

/* What the rules say for this client goes before the control file. */
static void learn_session_seconds(char const *rule)
{
  if (!rule) return;
  if (*rule >= '0' && *rule <= '9') session_seconds = strtoul(rule, 0, 10);
  else strerr_warnw("no number: TIMEOUTPOP3SESSION=", rule);
}

static void read_controls(void)
{
  char const *culprit;
  if (!controls_at_home(controls, &culprit)) {
    strerr_warnwusys("read ", culprit);
    end_with("-ERR [SYS/TEMP] unable to read controls");
  }
  learn_session_seconds(getenv("TIMEOUTPOP3SESSION"));
  if (session_seconds > UINT_MAX) session_seconds = UINT_MAX;
}

static void enter_maildir(char const *dir)
{
  if (dir && chdir(dir) == 0) return;
  bool later = dir && temporary(errno);
  if (dir) strerr_warnwusys("chdir to ", dir);
  end_with(later ? "-ERR [SYS/TEMP] unable to enter $HOME/Maildir" : "-ERR this user has no $HOME/Maildir");
}

/* Who cannot write into his Maildir, because the disk is full perhaps, comes to his mail all the same. */
static void refuse_who_was_just_here(void)
{
  if (!login_delay) return;
  enum last_login const said = last_login_renew(login_delay);
  if (said == LAST_LOGIN_UNKNOWN) strerr_warnwusys("note the login in ", LAST_LOGIN_FILE);
  if (said != LAST_LOGIN_TOO_RECENT) return;
  net_puts(&net, "-ERR [LOGIN-DELAY] the last login was less than ");
  put_number(login_delay);
  reply(&net, " seconds ago, come again later");
  net_flush(&net);
  end("too soon");
}

/* The ledger is opened while files may still be opened for writing. */
static void list_messages(void)
{
  maildirsize_find(&ledger, AT_FDCWD);
  mailbox_clean_tmp();
  if (mailbox_scan(&mailbox)) return;
  if (errno == ENOMEM) end_with("-ERR [SYS/TEMP] out of memory");
  strerr_warnwusys("scan the Maildir");
  end_with("-ERR [SYS/TEMP] unable to scan $HOME/Maildir");
}

static struct confine_path const paths[] = {
  { ".",    CONFINE_READ | CONFINE_CHANGE },
  { "new",  CONFINE_READ | CONFINE_CHANGE },
  { "cur",  CONFINE_READ | CONFINE_CHANGE },
  { "tmp",  CONFINE_READ | CONFINE_CHANGE },
  { 0 }
};

/* Links that a user has put among his messages may lead anywhere. */
static void confine_to_maildir(void)
{
  confine(&(struct confinement){
    .paths = mailbox.links ? 0 : paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_PROCESSES | CONFINE_NO_SOCKETS
  });
}

/* The user may be somebody with a shell here: he would find the log at descriptor 2, and could write into it of others.
   Until this call it is the mode of the program's file, 711, by which the kernel keeps him away. */
static void hide_from_user(void)
{
  prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-pop3d";
  hide_from_user();
  refuse_root();
  net_init(&net, 0, 1, TIMEOUT, 0, client_lost);
  sig_ignore(SIGPIPE);
  read_controls();
  enter_maildir(argc > 1 ? argv[1] : 0);
  refuse_who_was_just_here();
  knows_utf8 = getenv(UTF8_VARIABLE);
  list_messages();
  confine_to_maildir();
  net_init(&net, 0, 1, TIMEOUT, (unsigned)session_seconds, client_lost);
  capture_begin(&net, getenv("TCPREMOTEIP"));
  ok();
  converse(&net, verbs, &state);
}
