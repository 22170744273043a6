/* serialqmtp: send messages of a Maildir over a connection, by QMTP, without waiting between them.

   runs as   whose Maildir it is, under tcpclient, which maildirserial has started
   reads     names of files on descriptor 0, the files, the server on descriptor 6
   changes   nothing; writes to the server on descriptor 7, what became of each file on descriptor 1
   exits     0 all names are done, 100 wrong use, 111 the connection is of no more use

   A child sends, and tells by a pipe which file is next before it sends a byte of it; this process hears the answers.
*/

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "mark.h"
#include "net.h"
#include "qmtp.h"
#include "serial_client.h"
#include "serial_message.h"
#include "text.h"

#define USAGE "serialqmtp prefix"

MARK("serialqmtp");

enum { WRONG = 100, TROUBLE = 111, IN = 6, OUT = 7, WRITE_SECONDS = 73, ANSWER_SECONDS = 3600 };

/* What the child tells of a file, in front of its name. */
enum { IS_SENT = 's', IS_UNREADABLE = 'u' };

/* ---- the child ---- */

static struct net net;
static int told;              /* the pipe to who hears */

/* Who waits for answers learns by the end of the connection that there will be none. */
static _Noreturn void sender_ends(void)
{
  shutdown(OUT, SHUT_WR);
  _exit(TROUBLE);
}

static void cannot_send(struct net *n, enum net_loss loss)
{
  (void)n;
  if (loss == NET_ERROR) strerr_warnwusys("write to the network");
  else strerr_warnwu("write to the network: the server takes nothing");
  sender_ends();
}

static void tell(char what, char const *name)
{
  if (allwrite(told, &what, 1) < 1 || allwrite(told, name, strlen(name) + 1) < strlen(name) + 1) sender_ends();
}

/* Half a message cannot be taken back: only the end of the connection keeps it from being one. */
static void send_text(struct serial_message const *m, char const *name)
{
  char const *piece;
  uint64_t at = 0;
  ssize_t r;
  while ((r = serial_message_next(m, &at, &piece)) > 0) {
    net_allow(&net, WRITE_SECONDS);
    net_put(&net, piece, (size_t)r);
  }
  if (r == 0) return;
  strerr_warnwusys("read ", name);
  sender_ends();
}

static void send_message(struct serial_message const *m, char const *name)
{
  static stralloc frame = STRALLOC_ZERO;
  struct field sender = { m->sender.s, m->sender.len }, recipient = { m->recipient.s, m->recipient.len };
  tell(IS_SENT, name);
  net_allow(&net, WRITE_SECONDS);
  frame.len = 0;
  while (!qmtp_begin(&frame, serial_message_len(m))) memory_gone();
  net_put(&net, frame.s, frame.len);
  send_text(m, name);
  frame.len = 0;
  while (!qmtp_end(&frame, sender, &recipient, 1)) memory_gone();
  net_put(&net, frame.s, frame.len);
  net_flush(&net);
}

static _Noreturn void send_all(char const *prefix)
{
  static struct serial_message m = SERIAL_MESSAGE_ZERO;
  stralloc name = STRALLOC_ZERO;
  net_init(&net, IN, OUT, WRITE_SECONDS, 0, cannot_send);
  while (serial_client_name(&name)) switch (serial_message_open(&m, name.s, prefix)) {
    case SERIAL_OPENED: send_message(&m, name.s); break;
    case SERIAL_NOT_OURS: serial_client_not_ours(name.s); break;
    case SERIAL_UNREADABLE: tell(IS_UNREADABLE, name.s); break;
  }
  _exit(0);
}

/* ---- this process ---- */

static _Noreturn void lost(struct net *n, enum net_loss loss)
{
  (void)n;
  if (loss == NET_EOF) strerr_dief(TROUBLE, "network read error: end of file");
  if (loss == NET_TIMEOUT) strerr_dief(TROUBLE, "network read error: the server was silent for too long");
  strerr_diefusys(TROUBLE, "read from the network");
}

static void hear(char const *name)
{
  static struct qmtp_answer answer;
  enum qmtp_state state;
  qmtp_answer_start(&answer);
  do state = qmtp_answer_take(&answer, net_getc(&net)); while (state == QMTP_MORE);
  if (state == QMTP_SENSELESS) strerr_dief(TROUBLE, "remote protocol violation");
  serial_client_said(name, answer.verdict, 0, (struct field){ answer.text, answer.len });
}

/* Which file comes next; false when there are no more. */
static bool heard_of(buffer *from, stralloc *line)
{
  line->len = 0;
  int r = skagetln(from, line, 0);
  if (r == -1 && errno != EPIPE) strerr_diefusys(TROUBLE, "read names");
  return r == 1;
}

static void hear_all(int names)
{
  char space[4096];
  buffer from = BUFFER_INIT(&buffer_read, names, space, sizeof space);
  stralloc line = STRALLOC_ZERO;
  net_init(&net, IN, OUT, ANSWER_SECONDS, 0, (void (*)(struct net *, enum net_loss))lost);
  while (heard_of(&from, &line)) {
    if (*line.s == IS_SENT) hear(line.s + 1);
    else serial_client_result(line.s + 1, 'Z', "unable to read the message", 26);
  }
}

static int sender_ended(pid_t pid)
{
  int wstat;
  return wait_pid(pid, &wstat) != -1 && WIFEXITED(wstat) && WEXITSTATUS(wstat) == 0;
}

int main(int argc, char const *const *argv)
{
  int names[2];
  PROG = "serialqmtp";
  if (argc != 2) strerr_dieusage(WRONG, USAGE);
  sig_ignore(SIGPIPE);
  if (pipecoe(names) == -1) strerr_diefusys(TROUBLE, "create a pipe");
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(TROUBLE, "fork");
  told = names[1];
  if (pid == 0) close(names[0]), send_all(argv[1]);
  close(names[1]);
  close(OUT);
  hear_all(names[0]);
  if (!sender_ended(pid)) strerr_dief(TROUBLE, "not all could be sent");
  return 0;
}
