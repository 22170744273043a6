#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "lock.h"
#include "qmtp.h"
#include "serial_runner.h"
#include "serial_site.h"
#include "text.h"

#define RELAYHOST "RELAYHOST"
#define LIFETIME "1209600"        /* two weeks, as maildirsmtp has it */

enum { TROUBLE = 111, LINE_MAX_BYTES = 8192 };

static char const *site_name;

static _Noreturn void die_of(char const *what)
{
  strerr_diefusys(TROUBLE, "send mail of ", site_name, ": ", what);
}

/* From here on this process can do no more than he whose mail it is. */
static void enter(char const *name)
{
  struct serial_site site;
  char const *fault = serial_site_open(&site, name);
  if (fault) strerr_dief(TROUBLE, SERIAL_SITES "/", name, ": ", fault);
  if (!become(site.uid, site.gid)) die_of("unable to become its owner");
  if (fchdir(site.dir) == -1) die_of("unable to enter it");
  serial_site_close(&site);
}

/* The lock ends with this process and its children. */
static int locked_relayhost(void)
{
  int fd = open(RELAYHOST, O_RDONLY | O_NONBLOCK);
  if (fd == -1) die_of(RELAYHOST);
  if (lock_try(fd)) return fd;
  if (errno != EWOULDBLOCK) die_of("unable to lock " RELAYHOST);
  _exit(0);
}

/* ---- what is run ---- */

static char const *string(stralloc *to, char const *a, char const *b)
{
  text_set(to, a);
  text_add(to, b);
  return text_z(to);
}

static _Noreturn void be_maildirserial(char const *relay, unsigned port, char const *helohost)
{
  stralloc own = STRALLOC_ZERO, number = STRALLOC_ZERO;
  char const *prefix = string(&own, site_name, "-");
  bool qmtp = port == QMTP_PORT;
  text_addu(&number, port);
  char const *const argv[] = {
    "maildirserial", "-b", "-t" LIFETIME, "--", "Maildir", prefix, "tcpclient", "-RHl0", "--", relay, text_z(&number),
    qmtp ? "serialqmtp" : "serialsmtp", prefix, qmtp ? 0 : helohost, 0
  };
  execvp(argv[0], (char *const *)argv);
  die_of("unable to run maildirserial");
}

/* ---- its log ---- */

/* Whole lines: other hosts write to the same log. */
static void log_lines(int from)
{
  char space[4096];
  buffer in = BUFFER_INIT(&buffer_read, from, space, sizeof space);
  stralloc line = STRALLOC_ZERO;
  for (int r = 1; r > 0;) {
    text_set(&line, site_name);
    text_add(&line, ": ");
    size_t head = line.len;
    r = skagetln(&in, &line, '\n');
    if (line.len == head) break;
    if (line.len > LINE_MAX_BYTES) line.len = LINE_MAX_BYTES;
    if (line.s[line.len - 1] != '\n') text_add(&line, "\n");
    allwrite(2, line.s, line.len);
  }
}

void serial_runner(char const *name, char const *helohost)
{
  stralloc relay = STRALLOC_ZERO;
  unsigned port;
  int said[2], wstat;
  site_name = name;
  enter(name);
  int fd = locked_relayhost();
  if (!serial_site_relay(&relay, &port, fd, name)) die_of(RELAYHOST);
  if (pipecoe(said) == -1) die_of("unable to create a pipe");
  pid_t pid = fork();
  if (pid == -1) die_of("unable to fork");
  if (pid == 0) {
    if (fd_move(2, said[1]) == -1 || fd_copy(1, 2) == -1) die_of("unable to set up descriptors");
    be_maildirserial(relay.s, port, helohost);
  }
  fd_close(said[1]);
  log_lines(said[0]);
  _exit(wait_pid(pid, &wstat) != -1 && WIFEXITED(wstat) ? WEXITSTATUS(wstat) : TROUBLE);
}
