/* Each attempt is made by a child that has confined itself as a program does. */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine.h"

enum {
  NOT_HERE = 255,             /* this kernel's landlock is too old to tell */
  NOT_CONFINED = 254
};

/* A sanitizer must see its process, and may make a thread that traces it. */
#ifdef __SANITIZE_ADDRESS__
enum { PROCESS_HIDDEN = 0, NO_FORK = 0 };
#else
enum { PROCESS_HIDDEN = EACCES, NO_FORK = EPERM };
#endif

static char const *const names[] = { "mail", "mail/new", "mail/cur", "notes", "elsewhere", 0 };

static struct sockaddr_in allowed, other;       /* two who listen */
static uint16_t ports[2];
static struct sockaddr_un abstract = { .sun_family = AF_UNIX };

/* ---- deeds: 0 or errno ---- */

static int result(long r)
{
  return r == -1 ? errno : 0;
}

static int opened(char const *path, int how)
{
  return result(open(path, how, 0600));
}

static int reads_its_own(void) { return opened("mail/new/1", O_RDONLY); }
static int lists_its_own(void) { return opened("mail/new", O_RDONLY | O_DIRECTORY); }
static int writes_what_it_may_change(void) { return opened("mail/new/1", O_WRONLY); }
static int moves(void) { return result(rename("mail/new/1", "mail/cur/1:2,")); }
static int removes(void) { return result(unlink("mail/new/1")); }
static int makes(void) { return opened("notes/new", O_WRONLY | O_CREAT | O_EXCL); }
static int makes_a_directory(void) { return result(mkdir("mail/new/sub", 0700)); }
static int writes(void) { return opened("notes/1", O_WRONLY); }
static int cuts(void) { return opened("notes/1", O_WRONLY | O_TRUNC); }
static int reads_what_it_may_write(void) { return opened("notes/1", O_RDONLY); }
static int moves_out(void) { return result(rename("mail/new/1", "elsewhere/2")); }
static int links_in(void) { return result(link("elsewhere/1", "mail/new/2")); }
static int reads_elsewhere(void) { return opened("elsewhere/1", O_RDONLY); }
static int reads_through_a_link(void) { return opened("mail/link", O_RDONLY); }
static int reads_passwd(void) { return opened("/etc/passwd", O_RDONLY); }
static int reads_the_root(void) { return opened("/", O_RDONLY | O_DIRECTORY); }
static int looks_at_a_process(void) { return opened("/proc/1/status", O_RDONLY); }

static int executes(void)
{
  static char const *const argv[] = { "/bin/true", 0 };
  return result(execv(argv[0], (char *const *)argv));
}

static int executes_another(void)
{
  static char const *const argv[] = { "/bin/false", 0 };
  return result(execv(argv[0], (char *const *)argv));
}

static int executes_what_is_open(void)
{
  static char const *const none[] = { 0 };
  return result(syscall(SYS_execveat, 0, "", none, none, AT_EMPTY_PATH));
}

static int traces(void) { return result(ptrace(PTRACE_ATTACH, getppid(), 0, 0)); }

static int reads_memory(void)
{
  char byte;
  struct iovec mine = { &byte, 1 }, theirs = { &byte, 1 };
  return result(process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0));
}

static int forks(void)
{
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  return pid == -1 ? errno : result(waitpid(pid, 0, 0));
}

static int forks_as_root_of_its_own(void) { return result(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static int unshares(void) { return result(unshare(CLONE_NEWUSER)); }
static int clones_the_new_way(void) { return result(syscall(SYS_clone3, 0, 0)); }
static int mounts(void) { return result(syscall(SYS_mount, "none", "mail", "tmpfs", 0, 0)); }
static int loads_bpf(void) { return result(syscall(SYS_bpf, 0, 0, 0)); }
static int counts_events(void) { return result(syscall(SYS_perf_event_open, 0, 0, 0, 0, 0)); }
static int handles_faults(void) { return result(syscall(SYS_userfaultfd, 0)); }
static int opens_a_ring(void) { return result(syscall(SYS_io_uring_setup, 1, 0)); }
static int asks_for_a_key(void) { return result(syscall(SYS_keyctl, 0, 0, 0, 0, 0)); }
static int loads_a_module(void) { return result(syscall(SYS_finit_module, 0, "", 0)); }
static int loads_a_kernel(void) { return result(syscall(SYS_kexec_load, 0, 0, 0, 0)); }

static int opens_a_socket(int family, int type) { return result(socket(family, type, 0)); }
static int tcp(void) { return opens_a_socket(AF_INET, SOCK_STREAM); }
static int udp(void) { return opens_a_socket(AF_INET6, SOCK_DGRAM); }
static int asks_for_addresses(void) { return opens_a_socket(AF_NETLINK, SOCK_RAW); }
static int local_socket(void) { return opens_a_socket(AF_UNIX, SOCK_STREAM); }
static int packets(void) { return opens_a_socket(AF_PACKET, SOCK_RAW); }
static int pair(void) { return result(socketpair(AF_UNIX, SOCK_DGRAM, 0, (int[2]){ 0 })); }

static long version(void)
{
  return syscall(SYS_landlock_create_ruleset, 0, 0, 1);
}

static int connects(struct sockaddr_in const *to)
{
  if (version() < 4) return NOT_HERE;
  return result(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr const *)to, sizeof *to));
}

static int connects_where_it_may(void) { return connects(&allowed); }
static int connects_elsewhere(void) { return connects(&other); }

static int binds_at(uint16_t port)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port) };
  if (version() < 4) return NOT_HERE;
  return result(bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr const *)&at, sizeof at));
}

static int binds(void) { return binds_at(0); }
static int binds_at_a_port(void) { return binds_at(20025); }

static int sends_a_signal(void) { return version() < 6 ? NOT_HERE : result(kill(getppid(), SIGCONT)); }

static int connects_to_a_neighbour(void)
{
  if (version() < 6) return NOT_HERE;
  return result(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr const *)&abstract, sizeof abstract));
}

static int still_stats(void)
{
  struct stat st;
  return result(stat("/etc/passwd", &st));
}

/* ---- confinements ---- */

static struct confine_path const paths[] = {
  { "mail",     CONFINE_READ | CONFINE_CHANGE },
  { "notes",    CONFINE_WRITE },
  { "missing",  CONFINE_READ | CONFINE_LINKS },
  { "mail/new/1/not-a-directory", CONFINE_READ },
  { 0 }
};
static struct confine_path const links[] = { { "mail", CONFINE_READ | CONFINE_LINKS }, { 0 } };
static struct confine_path const one_program[] = {
  { "/", CONFINE_READ }, { "/bin/true", CONFINE_RUN }, { CONFINE_LOADER, CONFINE_RUN }, { 0 }
};
static struct confine_path const one_directory[] = {
  { "/bin/true", CONFINE_READ | CONFINE_RUN | CONFINE_BESIDE }, { CONFINE_LOADER, CONFINE_READ | CONFINE_RUN | CONFINE_BESIDE }, { 0 }
};
static struct confine_path const one_file[] = { { "elsewhere/1", CONFINE_READ | CONFINE_CHANGE }, { 0 } };

static struct confinement const
  files = { .paths = paths },
  linked = { .paths = links },
  a_file = { .paths = one_file },
  beside = { .paths = one_directory, .calls = CONFINE_PROGRAMS },
  programs = { .paths = one_program, .calls = CONFINE_PROGRAMS },
  calls = { .calls = CONFINE_CALLS },
  no_processes = { .calls = CONFINE_NO_PROCESSES },
  no_sockets = { .calls = CONFINE_NO_SOCKETS },
  internet = { .calls = CONFINE_INTERNET },
  internet_and_here = { .calls = CONFINE_INTERNET | CONFINE_HERE },
  one_port = { .ports = ports },
  from_here = { .ports = ports, .sources = true },
  no_port = { .ports = CONFINE_NO_PORTS },
  nothing = { 0 };

static struct attempt { struct confinement const *under; int (*deed)(void); int expected; } const attempts[] = {
  { &files, reads_its_own, 0 },
  { &files, lists_its_own, 0 },
  { &files, writes_what_it_may_change, EACCES },
  { &files, moves, 0 },
  { &files, removes, 0 },
  { &files, makes, EACCES },
  { &files, makes_a_directory, EACCES },
  { &files, writes, 0 },
  { &files, cuts, 0 },
  { &files, reads_what_it_may_write, EACCES },
  { &files, moves_out, EACCES },
  { &files, links_in, EXDEV },
  { &files, reads_elsewhere, EACCES },
  { &files, reads_through_a_link, EACCES },
  { &files, reads_passwd, EACCES },
  { &files, reads_the_root, EACCES },
  { &files, still_stats, 0 },
  { &files, executes, EACCES },
  { &files, traces, EPERM },
  { &files, tcp, 0 },
  { &linked, reads_through_a_link, 0 },
  { &linked, reads_passwd, EACCES },
  { &a_file, reads_elsewhere, 0 },
  { &a_file, reads_its_own, EACCES },

  { &programs, executes, 0 },
  { &programs, executes_another, EACCES },
  { &beside, executes_another, 1 },
  { &beside, reads_elsewhere, EACCES },
  { &programs, executes_what_is_open, EPERM },
  { &programs, unshares, EPERM },
  { &programs, reads_elsewhere, 0 },
  { &programs, writes, EACCES },
  { &calls, executes, EPERM },
  { &calls, executes_what_is_open, EPERM },
  { &calls, traces, EPERM },
  { &calls, reads_memory, EPERM },
  { &calls, forks, 0 },
  { &calls, forks_as_root_of_its_own, EPERM },
  { &calls, clones_the_new_way, ENOSYS },
  { &calls, unshares, EPERM },
  { &calls, mounts, EPERM },
  { &calls, loads_bpf, EPERM },
  { &calls, counts_events, EPERM },
  { &calls, handles_faults, EPERM },
  { &calls, opens_a_ring, EPERM },
  { &calls, asks_for_a_key, EPERM },
  { &calls, loads_a_module, EPERM },
  { &calls, loads_a_kernel, EPERM },
  { &calls, local_socket, 0 },
  { &calls, reads_passwd, 0 },
  { &no_processes, executes, EPERM },
  { &no_processes, tcp, 0 },
  { &no_sockets, tcp, EPERM },
  { &no_sockets, local_socket, EPERM },
  { &no_sockets, pair, 0 },
  { &no_sockets, forks, 0 },
  { &internet, tcp, 0 },
  { &internet, udp, 0 },
  { &internet, asks_for_addresses, 0 },
  { &internet, local_socket, EPERM },
  { &internet, packets, EPERM },
  { &internet_and_here, tcp, 0 },
  { &internet_and_here, local_socket, 0 },
  { &internet_and_here, packets, EPERM },
  { &internet, pair, 0 },
  { &internet, executes, EPERM },

  { &one_port, connects_where_it_may, 0 },
  { &one_port, connects_elsewhere, EACCES },
  { &one_port, binds, EACCES },
  { &one_port, reads_passwd, 0 },
  { &from_here, binds, 0 },
  { &from_here, binds_at_a_port, EACCES },
  { &from_here, connects_where_it_may, 0 },
  { &from_here, connects_elsewhere, EACCES },
  { &no_port, connects_where_it_may, EACCES },

  { &files, looks_at_a_process, PROCESS_HIDDEN },
  { &no_processes, forks, NO_FORK },

  { &nothing, reads_passwd, 0 },
  { &nothing, forks, 0 },
  { &nothing, connects_elsewhere, 0 },
  { &nothing, sends_a_signal, EPERM },
  { &nothing, connects_to_a_neighbour, EPERM }
};
enum { ATTEMPTS = sizeof attempts / sizeof *attempts };

/* ---- the place ---- */

static void put(char const *path)
{
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  assert_true(fd != -1 && write(fd, "x", 1) == 1 && close(fd) == 0);
}

static void arrange(void)
{
  assert_int_equal(system("rm -rf mail notes elsewhere"), 0);
  for (char const *const *name = names; *name; name++) assert_int_equal(mkdir(*name, 0700), 0);
  put("mail/new/1");
  put("notes/1");
  put("elsewhere/1");
  assert_int_equal(symlink("../elsewhere/1", "mail/link"), 0);
}

static void listen_at(struct sockaddr_in *at)
{
  socklen_t len = sizeof *at;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  *at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  assert_true(fd != -1 && bind(fd, (struct sockaddr *)at, sizeof *at) == 0 && listen(fd, 5) == 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)at, &len), 0);
}

static int setup(void **state)
{
  static char place[] = "/tmp/confine-test-XXXXXX";
  *state = mkdtemp(place);
  if (!*state || chdir(place) == -1) return -1;
  listen_at(&allowed);
  listen_at(&other);
  ports[0] = ntohs(allowed.sin_port);
  snprintf(abstract.sun_path + 1, sizeof abstract.sun_path - 1, "%s", place);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return bind(fd, (struct sockaddr *)&abstract, sizeof abstract) == 0 ? listen(fd, 5) : -1;
}

static int teardown(void **state)
{
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", (char const *)*state);
  return chdir("/") || system(command);
}

/* ---- tests ---- */

static int outcome(struct confinement const *under, int (*deed)(void))
{
  int wstat;
  pid_t pid = fork();
  if (pid == 0) {
    _exit(confine(under) ? NOT_CONFINED : deed());
  }
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  return WIFEXITED(wstat) ? WEXITSTATUS(wstat) : -WTERMSIG(wstat);
}

static int nothing_more(void)
{
  return 0;
}

static void needs_such_a_kernel(void)
{
  if (outcome(&(struct confinement){ .paths = paths, .calls = CONFINE_CALLS }, nothing_more) == NOT_CONFINED) skip();
}

static void each_attempt_ends_as_it_must(void **state)
{
  (void)state;
  needs_such_a_kernel();
  for (size_t i = 0; i < ATTEMPTS; i++) {
    arrange();
    int got = outcome(attempts[i].under, attempts[i].deed);
    if (got == NOT_HERE) continue;
    if (got != attempts[i].expected) fail_msg("attempt %zu: %s, not %s", i, strerror(got), strerror(attempts[i].expected));
  }
}

static int more_is_taken(void)
{
  if (reads_its_own() || reads_elsewhere() != EACCES) return 1;
  if (confine(&(struct confinement){ .paths = one_file, .calls = CONFINE_NO_SOCKETS })) return 2;
  return reads_its_own() == EACCES && reads_elsewhere() == EACCES && tcp() == EPERM ? 0 : 3;
}

static void a_second_confinement_only_takes(void **state)
{
  (void)state;
  needs_such_a_kernel();
  arrange();
  assert_int_equal(outcome(&files, more_is_taken), 0);
}

static int child_is_as_confined(void)
{
  int wstat;
  pid_t pid = fork();
  if (pid == 0) _exit(reads_passwd() == EACCES && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1);
  return pid == -1 || waitpid(pid, &wstat, 0) == -1 || wstat;
}

static void children_inherit_it(void **state)
{
  (void)state;
  needs_such_a_kernel();
  arrange();
  assert_int_equal(outcome(&files, child_is_as_confined), 0);
}

#ifdef __x86_64__
static int calls_like_x32(void)
{
  return result(syscall(0x40000000 + SYS_getpid));
}

/* The numbers of i386, where 11 is execve: the process is killed. */
static int calls_like_i386(void)
{
  int r;
  __asm__ volatile ("int $0x80" : "=a" (r) : "a" (11), "b" (0), "c" (0), "d" (0) : "memory");
  return r ? 1 : 0;
}

static void other_numbers_are_no_way_round(void **state)
{
  (void)state;
  needs_such_a_kernel();
  assert_int_equal(outcome(&calls, calls_like_x32), ENOSYS);
  assert_int_equal(outcome(&calls, calls_like_i386), -SIGSYS);
}
#endif

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(each_attempt_ends_as_it_must),
    cmocka_unit_test(a_second_confinement_only_takes),
    cmocka_unit_test(children_inherit_it),
#ifdef __x86_64__
    cmocka_unit_test(other_numbers_are_no_way_round),
#endif
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
