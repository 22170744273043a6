/* tcp-env: tell a program about the connection it serves, as tcpserver does, where inetd has accepted it.

   runs as   qmaild, started by inetd with the connection as fd 0 and 1
   reads     the addresses of the socket on fd 0; DNS for their names; with -r the client's ident server
   changes   its environment: PROTO, TCPLOCALIP, TCPREMOTEIP and their kin
   becomes   the program in its arguments
   exits     100 wrong usage, 111 when it cannot begin
*/

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/ip46.h>
#include <skalibs/sgetopt.h>
#include <skalibs/socket.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>
#include <skalibs/unix-timed.h>

#include "die.h"
#include "dns.h"
#include "ends.h"
#include "ident.h"

#define USAGE "tcp-env [ -rR ] [ -t seconds ] program [ arg... ]"

enum {
  IDENT_PORT = 113,
  IDENT_SECONDS = 30,           /* for the whole question, unless -t says otherwise */
  ANSWER_MAX = 2048,            /* bytes of an ident server's line */
  DNS_SECONDS = 30
};

static bool ask_ident;
static unsigned ident_seconds = IDENT_SECONDS;

/* ---- the ends of the connection ---- */

/* Failures are silent: where inetd is our parent, standard error is the client. */
static struct end the_end(int (*name)(int, struct sockaddr *, socklen_t *))
{
  struct end e;
  if (!end_read(&e, 0, name)) _exit(111);
  return e;
}

/* ---- environment ---- */

/* TCP and TCP6 names: tcpserver's programs for IPv6 look for either. */
static void tell(bool six, char const *name, char const *value)
{
  static char const *const families[] = { "TCP", "TCP6" };
  char variable[32];
  for (int i = 0; i < 2; i++) {
    snprintf(variable, sizeof variable, "%s%s", families[i], name);
    if ((value && (i == 0 || six) ? setenv(variable, value, 1) : unsetenv(variable)) == -1) die_nomem();
  }
}

static void tell_address(bool six, char const *ip_name, char const *port_name, struct end const *e)
{
  char ip[IP46_FMT + 1], port[UINT_FMT];
  ip[ip46_fmt(ip, &e->ip)] = 0;
  port[uint_fmt(port, e->port)] = 0;
  tell(six, ip_name, ip);
  tell(six, port_name, port);
}

static void tell_host(bool six, char const *name, struct end const *e)
{
  stralloc host = STRALLOC_ZERO;
  switch (dns_name(&host, &e->ip)) {
    case DNS_OK: tell(six, name, host.s); break;
    case DNS_SOFT: tell(six, name, "softdnserror"); break;
    case DNS_NOMEM: die_nomem();
    default: tell(six, name, 0);
  }
  stralloc_free(&host);
}

/* ---- ident ---- */

/* From our end's own address to the client's: that is how its server knows which connection is meant. */
static int connect_ident(struct end const *local, struct end const *remote, tain const *deadline)
{
  int fd = socket_tcp46_nbcoe(ip46_is6(&remote->ip));
  if (fd == -1) return -1;
  if (socket_bind46(fd, &local->ip, 0) == 0 && socket_deadlineconnstamp46_g(fd, &remote->ip, IDENT_PORT, deadline))
    return fd;
  fd_close(fd);
  return -1;
}

static size_t converse(int fd, struct end const *local, struct end const *remote, char answer[ANSWER_MAX],
                       tain const *deadline)
{
  char question[32], in_space[ANSWER_MAX + 1], out_space[sizeof question + 1];
  buffer in, out;
  size_t len = 0;
  int n = snprintf(question, sizeof question, "%u , %u\r\n", remote->port, local->port);
  buffer_init(&in, &buffer_read, fd, in_space, sizeof in_space);
  buffer_init(&out, &buffer_write, fd, out_space, sizeof out_space);
  buffer_putnoflush(&out, question, (size_t)n);
  if (!buffer_timed_flush_g(&out, deadline)) return 0;
  timed_getlnmax_g(&in, answer, ANSWER_MAX, &len, '\n', deadline);
  return len;
}

static void tell_info(bool six, struct end const *local, struct end const *remote)
{
  char answer[ANSWER_MAX], name[IDENT_MAX + 1];
  size_t len = 0;
  tain deadline;
  tain_now_set_stopwatch_g();
  tain_addsec_g(&deadline, (int)ident_seconds);
  int fd = connect_ident(local, remote, &deadline);
  if (fd != -1) {
    len = ident_parse(name, answer, converse(fd, local, remote, answer, &deadline));
    fd_close(fd);
  }
  name[len] = 0;
  tell(six, "REMOTEINFO", len ? name : 0);
}

/* ---- the whole ---- */

static void tell_all(void)
{
  struct end local = the_end(getsockname), remote = the_end(getpeername);
  bool six = ip46_is6(&remote.ip);
  if (!dns_init(DNS_SECONDS)) _exit(111);
  if (setenv("PROTO", six ? "TCP6" : "TCP", 1) == -1) die_nomem();
  tell_address(six, "LOCALIP", "LOCALPORT", &local);
  tell_host(six, "LOCALHOST", &local);
  tell_address(six, "REMOTEIP", "REMOTEPORT", &remote);
  tell_host(six, "REMOTEHOST", &remote);
  if (ask_ident) tell_info(six, &local, &remote);
  else tell(six, "REMOTEINFO", 0);
}

/* inetd makes the connection standard error as well, but what a server logs there is not for the client. */
static void spare_the_client(void)
{
  struct stat connection, errors;
  if (fstat(0, &connection) == -1 || fstat(2, &errors) == -1) return;
  if (connection.st_dev != errors.st_dev || connection.st_ino != errors.st_ino) return;
  int null = open("/dev/null", O_WRONLY);
  if (null == -1 || fd_move(2, null) == -1) _exit(111);
}

static bool is_told(void)
{
  char const *protocol = getenv("PROTO");
  return protocol && (!strcmp(protocol, "TCP") || !strcmp(protocol, "TCP6"));
}

static void option(int o, char const *argument)
{
  switch (o) {
    case 'r': ask_ident = true; break;
    case 'R': ask_ident = false; break;
    case 't': if (uint0_scan(argument, &ident_seconds) && ident_seconds <= 86400) break; /* fall through */
    default: strerr_dieusage(100, USAGE);
  }
}

int main(int argc, char const *const *argv)
{
  subgetopt l = SUBGETOPT_ZERO;
  PROG = "tcp-env";
  for (int o; (o = subgetopt_r(argc, argv, "rRt:", &l)) != -1;) option(o, l.arg);
  if (l.ind >= argc) strerr_dieusage(100, USAGE);
  if (!is_told()) {
    tell_all();
    spare_the_client();
  }
  execvp(argv[l.ind], (char *const *)(argv + l.ind));
  return 111;
}
