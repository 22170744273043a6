/* qmail-start: build the process tree of the delivery system and become its head, qmail-send.

   runs as   root, under a supervisor or from a boot script; stays in the foreground
   takes     the default delivery instruction for users without .qmail (./Mailbox), then perhaps a logger to start
   changes   repairs the frame of the queue; has qmail-takeover convert an old queue first; gives messages that were restored as
             somebody else's back to their owner
   becomes   qmail-send as qmails; children qmail-lspawn as root, qmail-rspawn as qmailr, qmail-clean as qmailq,
             the logger as qmaill
   exits     111 if anything fails, with one line on fd 2
*/

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "become.h"
#include "die.h"
#include "home.h"
#include "mess_check.h"
#include "queue_layout.h"

/* qmail-send's descriptors: it writes the log on 0, and speaks with each daemon on a pair. */
enum { LOG = 0, LAST_FD = 6 };

/* Above these numbers pipes are made, so that none is born where another must end. */
enum { SCRATCH = LAST_FD + 1 };

static uid_t uid_logger, uid_queue, uid_remote, uid_send;
static gid_t gid_qmail, gid_nofiles;

static void look_up_accounts(void)
{
  uid_logger = account_uid("qmaill");
  uid_queue = account_uid("qmailq");
  uid_remote = account_uid("qmailr");
  uid_send = account_uid("qmails");
  gid_qmail = account_gid("qmail");
  gid_nofiles = account_gid("nofiles");
}

/* ---- the queue ---- */

static void told(char const *path, char const *what)
{
  strerr_warnw(path, ": ", what);
}

static void repair_queue(void)
{
  char const *culprit;
  if (!queue_layout_repair(told, &culprit)) strerr_diefusys(111, "repair ", culprit);
}

/* What cannot be mended may wait: mail can be delivered all the same. */
static void repair_messages(void)
{
  char const *culprit;
  if (!mess_check(told, false, &culprit)) strerr_warnwusys("look at all of ", culprit);
}

/* What it says belongs in the log: that is our output, unless a logger of ours is to be started. */
static void take_over_old_queue(bool output_is_log)
{
  static char const *const argv[] = { HOME "/bin/qmail-takeover", 0 };
  int wstat;
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  if (pid == 0) {
    if (output_is_log) dup2(1, 2);
    execv(argv[0], (char *const *)argv);
    strerr_dieexec(111, argv[0]);
  }
  if (wait_pid(pid, &wstat) == -1) strerr_diefusys(111, "wait for ", argv[0]);
  if (wait_status(wstat)) strerr_dief(111, "the old queue could not be taken over, nothing was started");
}

/* ---- descriptors ---- */

struct link { int to, from; };      /* our ends of the pipes to a daemon */

static int above(int fd)
{
  int r = fcntl(fd, F_DUPFD_CLOEXEC, SCRATCH);
  if (r == -1) strerr_diefusys(111, "make a descriptor");
  return r;
}

/* Both ends above SCRATCH and close-on-exec. */
static void make_pipe(int ends[2])
{
  int p[2];
  if (pipecoe(p) == -1) strerr_diefusys(111, "make a pipe");
  for (int i = 0; i < 2; i++) {
    ends[i] = above(p[i]);
    close(p[i]);
  }
}

static void put_at(int to, int fd)
{
  if (dup2(fd, to) == -1) strerr_diefusys(111, "arrange descriptors");
}

/* 0, 1 and 2 are open, and nothing else is. */
static void own_descriptors(void)
{
  fd_sanitize();
  close_range(3, ~0u, 0);
}

/* ---- processes ---- */

static pid_t fork_or_die(void)
{
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  return pid;
}

static _Noreturn void turn_into(char const *path, char const *name, char const *argument)
{
  char const *const argv[] = { name, argument, 0 };
  execv(path, (char *const *)argv);
  strerr_dieexec(111, path);
}

static bool become_lspawn(void) { return become_group(gid_qmail); }
static bool become_clean(void) { return become(uid_queue, gid_qmail); }

/* The groups qmailr is given in the database count: a site's qmail-remote may need one. */
static bool become_rspawn(void)
{
  return initgroups("qmailr", gid_qmail) == 0 && setresgid(gid_qmail, gid_qmail, gid_qmail) == 0
      && setresuid(uid_remote, uid_remote, uid_remote) == 0 && setuid(0) == -1;
}

static struct daemon { char const *name, *path; bool (*become)(void); } const daemons[] = {
  { "qmail-lspawn", HOME "/bin/qmail-lspawn", become_lspawn },
  { "qmail-rspawn", HOME "/bin/qmail-rspawn", become_rspawn },
  { "qmail-clean",  HOME "/bin/qmail-clean",  become_clean }
};
enum { DAEMONS = sizeof daemons / sizeof *daemons };

/* The log is also a daemon's standard error: what kills it is told there, and no file it opens becomes fd 2. */
static struct link start_daemon(struct daemon const *d, int log, char const *argument)
{
  int command[2], answer[2];
  make_pipe(command);
  make_pipe(answer);
  if (fork_or_die() == 0) {
    put_at(0, command[0]);
    put_at(1, answer[1]);
    put_at(2, log);
    if (!d->become()) strerr_diefusys(111, "give up rights for ", d->name);
    turn_into(d->path, d->name, argument);
  }
  close(command[0]);
  close(answer[1]);
  return (struct link){ .to = command[1], .from = answer[0] };
}

/* The pipe to the logger, or our own standard output. */
static int start_logger(char const *const *argv)
{
  int p[2];
  if (!*argv) return above(1);
  make_pipe(p);
  if (fork_or_die() == 0) {
    put_at(0, p[0]);
    if (!become(uid_logger, gid_nofiles)) strerr_diefusys(111, "give up rights for ", *argv);
    execvp(*argv, (char *const *)argv);
    strerr_dieexec(111, *argv);
  }
  close(p[0]);
  put_at(1, p[1]);
  return p[1];
}

/* From fd 2 on qmail-send's pipes lie where its manual says, so this is the last moment to complain. */
static _Noreturn void become_send(int log, struct link const links[DAEMONS])
{
  if (!become(uid_send, gid_qmail)) strerr_diefusys(111, "give up rights for ", "qmail-send");
  int complaints = above(2);
  put_at(LOG, log);
  for (int i = 0; i < DAEMONS; i++) {
    put_at(1 + 2 * i, links[i].to);
    put_at(2 + 2 * i, links[i].from);
  }
  static char const program[] = HOME "/bin/qmail-send";
  static char const *const argv[] = { "qmail-send", 0 };
  execv(program, (char *const *)argv);
  dup2(complaints, 2);
  strerr_dieexec(111, program);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-start";
  struct link links[DAEMONS];
  own_descriptors();
  umask(077);
  if (getuid() != 0) strerr_dief(111, "must be started by root");
  look_up_accounts();
  enter_home();
  repair_queue();
  if (mess_is_old()) take_over_old_queue(argc < 3);
  repair_messages();

  if (chdir("/") == -1) strerr_diefusys(111, "chdir to ", "/");
  if (!become_group(gid_qmail)) strerr_diefusys(111, "enter group ", "qmail");
  int log = start_logger(argc > 2 ? argv + 2 : argv + argc);
  for (int i = 0; i < DAEMONS; i++)
    links[i] = start_daemon(daemons + i, log, i ? 0 : argc > 1 ? argv[1] : "./Mailbox");
  become_send(log, links);
}
