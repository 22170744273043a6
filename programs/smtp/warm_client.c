#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client_rules.h"
#include "ends.h"
#include "warm_client.h"
#include "warm_log.h"

/* An end as text: its address as everybody writes it, and in the form that all IPv6 addresses have. */
struct shown { char ip[IP46_FMT + 1], ip6[IP46_FMT + sizeof "::ffff:"], port[6]; };

static _Noreturn void drop(char const *what, char const *which)
{
  warm_log("warning: dropping connection, %s%s: %s", what, which, strerror(errno));
  _exit(111);
}

/* ---- who it is ---- */

static struct shown show(int fd, int (*name)(int, struct sockaddr *, socklen_t *))
{
  struct shown s;
  struct end e;
  if (!end_read(&e, fd, name)) drop("unable to get an address", "");
  s.ip[ip46_fmt(s.ip, &e.ip)] = 0;
  snprintf(s.ip6, sizeof s.ip6, "%s%s", ip46_is6(&e.ip) ? "" : "::ffff:", s.ip);
  snprintf(s.port, sizeof s.port, "%u", e.port);
  return s;
}

/* ---- the environment ---- */

static void put(char const *variable, char const *value)
{
  if ((value ? setenv(variable, value, 1) : unsetenv(variable)) == -1) drop("unable to set ", variable);
}

static void tell(char const *local, struct shown const *here, struct shown const *there)
{
  struct { char const *name, *value; } const facts[] = {
    { "PROTO", strchr(there->ip, ':') ? "TCP6" : "TCP" },
    { "TCPLOCALIP", here->ip },       { "TCP6LOCALIP", here->ip6 },
    { "TCPLOCALPORT", here->port },   { "TCP6LOCALPORT", here->port },
    { "TCPLOCALHOST", local },        { "TCP6LOCALHOST", local },
    { "TCPREMOTEIP", there->ip },     { "TCP6REMOTEIP", there->ip6 },
    { "TCPREMOTEPORT", there->port }, { "TCP6REMOTEPORT", there->port },
    { "TCPREMOTEHOST", 0 },           { "TCP6REMOTEHOST", 0 },
    { "TCPREMOTEINFO", 0 },           { "TCP6REMOTEINFO", 0 },
    { "TCP6INTERFACE", 0 },
  };
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) put(facts[i].name, facts[i].value);
}

/* ---- the rules ---- */

static struct field map(char const *path)
{
  struct stat st;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 || fstat(fd, &st) == -1) drop("unable to read ", path);
  struct field table = { "", (size_t)st.st_size };
  if (table.len) table.s = mmap(0, table.len, PROT_READ, MAP_SHARED, fd, 0);
  if (table.s == MAP_FAILED) drop("unable to read ", path);
  close(fd);
  return table;
}

/* True: he may come in, and the environment has what the rule sets. */
static bool ask_rules(char const *path, char const *ip)
{
  struct field const table = map(path);
  struct field rule = { "", 0 };
  errno = EPROTO;
  if (client_rules_find(&rule, table.s, table.len, &(struct client_facts){ .ip = ip }) == -1) drop("unable to read ", path);
  if (!client_rules_deny(rule) && !client_rules_set(rule)) drop("unable to set what is in ", path);
  bool const denied = client_rules_deny(rule);
  if (table.len) munmap((void *)table.s, table.len);
  return !denied;
}

/* ---- the whole ---- */

static void connect_to(int fd, bool no_delay)
{
  int one = 1;
  if (no_delay) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (dup2(fd, 0) == -1 || dup2(fd, 1) == -1) drop("unable to set up descriptors", "");
  close(fd);
}

void warm_client_begin(struct warm_options const *o, int fd)
{
  struct shown const here = show(fd, getsockname), there = show(fd, getpeername);
  if (o->verbose) warm_log("pid %d from %s", getpid(), there.ip);
  connect_to(fd, o->no_delay);
  tell(o->local, &here, &there);
  bool const may = !o->rules || ask_rules(o->rules, there.ip);
  if (o->verbose)
    warm_log("%s %d %s:%s:%s :%s::%s", may ? "ok" : "deny", getpid(), o->local, here.ip6, here.port, there.ip6, there.port);
  if (!may) _exit(100);
}
