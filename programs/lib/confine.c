#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "confine.h"
#include "home.h"

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

/* ---- files and ports: landlock ---- */

/* The system's header knows what its own kernel had; the numbers are for ever. */
struct ruleset { uint64_t files, tcp, scope; };
struct port_rule { uint64_t allowed, port; };
enum { RULE_PORT = 2, TCP_BIND = 1, TCP_CONNECT = 2, SCOPE_ABSTRACT_SOCKETS = 1, SCOPE_SIGNALS = 2 };
enum { FILE_TRUNCATE = 1 << 14, DEVICE_IOCTL = 1 << 15 };
enum { WITH_MOVES = 2, WITH_TRUNCATE = 3, WITH_TCP = 4, WITH_DEVICES = 5, WITH_SCOPES = 6 };     /* versions */

enum {
  READING = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
  WRITING = LANDLOCK_ACCESS_FS_WRITE_FILE | FILE_TRUNCATE,
  CHANGING = LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REFER,
  PIPING = LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR,
  OF_A_FILE = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | WRITING,
  OLDEST = 2 * LANDLOCK_ACCESS_FS_REFER - 1
};

static uint64_t rights(unsigned allowed)
{
  return (allowed & CONFINE_READ ? READING : 0) | (allowed & CONFINE_WRITE ? WRITING : 0)
       | (allowed & CONFINE_CHANGE ? CHANGING : 0) | (allowed & CONFINE_FIFO ? PIPING : 0)
       | (allowed & CONFINE_RUN ? LANDLOCK_ACCESS_FS_EXECUTE : 0);
}

/* What may be done everywhere need not be asked at each step. */
static uint64_t allowed_everywhere(struct confine_path const *p)
{
  for (; p->path; p++)
    if (!strcmp(p->path, "/")) return rights(p->allowed);
  return 0;
}

static struct ruleset all_rules(struct confinement const *c, long version)
{
  struct ruleset r = { 0 };
  if (c->paths) r.files = OLDEST;
  if (c->paths && version >= WITH_TRUNCATE) r.files |= FILE_TRUNCATE;
  if (c->paths && version >= WITH_DEVICES) r.files |= DEVICE_IOCTL;
  if (c->paths) r.files &= ~allowed_everywhere(c->paths);
  if (c->ports && version >= WITH_TCP) r.tcp = TCP_BIND | TCP_CONNECT;
  if (version >= WITH_SCOPES) r.scope = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
  return r;
}

/* What cannot be reached now needs no rule. */
static bool allow_path(int fd, struct ruleset const *r, char const *path, unsigned allowed)
{
  struct stat st;
  if (!(rights(allowed) & r->files)) return true;
  struct landlock_path_beneath_attr rule = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
  if (rule.parent_fd == -1) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
  bool done = fstat(rule.parent_fd, &st) == 0;
  rule.allowed_access = rights(allowed) & r->files & (done && S_ISDIR(st.st_mode) ? ~(uint64_t)0 : OF_A_FILE);
  done = done && syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  fd_close(rule.parent_fd);
  return done;
}

/* The directory, since a file is replaced by another of its name. */
static bool allow_target(int fd, struct ruleset const *r, char const *link, unsigned allowed)
{
  char target[PATH_MAX];
  if (!realpath(link, target)) return errno != ENOMEM;
  char *name = strrchr(target, '/');
  if (name > target) *name = 0;
  return allow_path(fd, r, target, allowed);
}

static bool allow_links(int fd, struct ruleset const *r, char const *path)
{
  char link[PATH_MAX];
  bool done = true;
  struct dirent const *d;
  DIR *dir = opendir(path);
  if (!dir) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
  while (done && (d = readdir(dir)))
    if (d->d_type == DT_LNK && snprintf(link, sizeof link, "%s/%s", path, d->d_name) < PATH_MAX)
      done = allow_target(fd, r, link, CONFINE_READ);
  closedir(dir);
  return done;
}

static bool allow_row(int fd, struct ruleset const *r, struct confine_path const *p)
{
  return (p->allowed & CONFINE_BESIDE ? allow_target : allow_path)(fd, r, p->path, p->allowed);
}

static bool allow_paths(int fd, struct ruleset const *r, struct confine_path const *p)
{
  for (; p->path; p++)
    if (!allow_row(fd, r, p) || (p->allowed & CONFINE_LINKS && !allow_links(fd, r, p->path)))
      return false;
  return true;
}

/* A sanitizer looks at the process, names the lines of its program, and writes its report. */
static struct confine_path const of_sanitizers[] = {
  { "/proc", CONFINE_READ },
  { HOME "/bin", CONFINE_READ },
  { "/run/sanitizer", CONFINE_WRITE | CONFINE_CHANGE },
  { 0 }
};

uint16_t const CONFINE_NO_PORTS[] = { 0 };

static bool allow_port(int fd, uint64_t allowed, uint16_t port)
{
  struct port_rule const rule = { .allowed = allowed, .port = port };
  return syscall(SYS_landlock_add_rule, fd, RULE_PORT, &rule, 0) == 0;
}

/* Port 0 stands for all that the kernel may give. */
static bool allow_ports(int fd, struct confinement const *c)
{
  uint16_t const *port = c->ports;
  while (*port && allow_port(fd, TCP_CONNECT, *port)) port++;
  return !*port && (!c->sources || allow_port(fd, TCP_BIND, 0));
}

/* All or nothing: a program without the rule for a file it needs would fail from now on. */
static bool confine_files(struct confinement const *c)
{
  long version = syscall(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version == -1) return false;
  /* The first forbids all moves between directories. */
  if (version < WITH_MOVES) return (errno = EOPNOTSUPP, false);
  struct ruleset r = all_rules(c, version);
  if (!r.files && !r.tcp && !r.scope) return true;
  int fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
  if (fd == -1) return false;
  bool done = (!r.files || allow_paths(fd, &r, c->paths)) && (!r.tcp || allow_ports(fd, c))
           && (!r.files || !SANITIZED || allow_paths(fd, &r, of_sanitizers))
           && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
  fd_close(fd);
  return done;
}

/* ---- system calls: seccomp ---- */

/* Little-endian, with clone's flags in its first argument. */
#if defined __x86_64__
#define THIS_MACHINE AUDIT_ARCH_X86_64
#elif defined __aarch64__ && defined __AARCH64EL__
#define THIS_MACHINE AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define THIS_MACHINE AUDIT_ARCH_RISCV64
#elif defined __i386__
#define THIS_MACHINE AUDIT_ARCH_I386
#endif

#if defined THIS_MACHINE

enum { ALWAYS = ~0u, UNLESS_PROGRAMS = 1 << 29, UNLESS_NO_PROCESSES = 1 << 30 };

/* What becomes of a call: some by what else it says. */
enum fate { REFUSED, UNKNOWN /* libc turns to an older one */, BY_FLAGS, BY_FAMILY };

static struct { int call; unsigned when; enum fate fate; } const forbidden[] = {
  { SYS_execve,            UNLESS_PROGRAMS, REFUSED },
  { SYS_execveat,          ALWAYS, REFUSED },
  { SYS_process_vm_readv,  ALWAYS, REFUSED },
  { SYS_process_vm_writev, ALWAYS, REFUSED },
  { SYS_pidfd_getfd,       ALWAYS, REFUSED },
  { SYS_unshare,           ALWAYS, REFUSED },
  { SYS_setns,             ALWAYS, REFUSED },
  { SYS_chroot,            ALWAYS, REFUSED },
  { SYS_pivot_root,        ALWAYS, REFUSED },
  { SYS_mount,             ALWAYS, REFUSED },
  { SYS_umount2,           ALWAYS, REFUSED },
  { SYS_open_tree,         ALWAYS, REFUSED },
  { SYS_move_mount,        ALWAYS, REFUSED },
  { SYS_fsopen,            ALWAYS, REFUSED },
  { SYS_keyctl,            ALWAYS, REFUSED },
  { SYS_add_key,           ALWAYS, REFUSED },
  { SYS_request_key,       ALWAYS, REFUSED },
  { SYS_bpf,               ALWAYS, REFUSED },
  { SYS_perf_event_open,   ALWAYS, REFUSED },
  { SYS_userfaultfd,       ALWAYS, REFUSED },
  { SYS_io_uring_setup,    ALWAYS, REFUSED },
  { SYS_kexec_load,        ALWAYS, REFUSED },
#ifdef SYS_kexec_file_load
  { SYS_kexec_file_load,   ALWAYS, REFUSED },
#endif
  { SYS_init_module,       ALWAYS, REFUSED },
  { SYS_finit_module,      ALWAYS, REFUSED },
  { SYS_delete_module,     ALWAYS, REFUSED },
#ifdef SYS_socketcall
  { SYS_socketcall,        CONFINE_NO_SOCKETS | CONFINE_INTERNET | CONFINE_HERE, REFUSED },
#endif
  { SYS_socket,            CONFINE_NO_SOCKETS, REFUSED },
  { SYS_socket,            CONFINE_INTERNET | CONFINE_HERE, BY_FAMILY },
  { SYS_clone3,            ALWAYS, UNKNOWN },     /* its flags lie in memory */
  /* The search for leaks is a thread that traces the others. */
#ifndef __SANITIZE_ADDRESS__
  { SYS_ptrace,            ALWAYS, REFUSED },
  { SYS_clone,             CONFINE_NO_PROCESSES, REFUSED },
  { SYS_clone,             UNLESS_NO_PROCESSES, BY_FLAGS },
#ifdef SYS_fork
  { SYS_fork,              CONFINE_NO_PROCESSES, REFUSED },
  { SYS_vfork,             CONFINE_NO_PROCESSES, REFUSED },
#endif
#else
  { SYS_clone,             ALWAYS, BY_FLAGS },
#endif
};
enum { FORBIDDEN = sizeof forbidden / sizeof *forbidden, FILTER_MAX = 2 * FORBIDDEN + 30 };     /* below TO_ALLOWANCE: a jump is a byte */

#define NEW_NAME_SPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID \
                         | CLONE_NEWNET)

struct filter {
  struct sock_filter step[FILTER_MAX];
  unsigned short len;
};

static void step(struct filter *f, struct sock_filter s)
{
  f->step[f->len++] = s;
}

static void load(struct filter *f, size_t offset)
{
  step(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void end(struct filter *f, unsigned verdict)
{
  step(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

/* What is loaded, compared with k: when that does not hold, so many steps are left out. */
static void unless(struct filter *f, int comparison, unsigned k, unsigned char left_out)
{
  step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, k, 0, left_out));
}

static void forbid(struct filter *f, int comparison, unsigned k, unsigned error)
{
  unless(f, comparison, k, 1);
  end(f, SECCOMP_RET_ERRNO | error);
}

static void refuse_name_spaces(struct filter *f)
{
  load(f, offsetof(struct seccomp_data, args[0]));
  forbid(f, BPF_JSET, NEW_NAME_SPACES, EPERM);
  end(f, SECCOMP_RET_ALLOW);
}

static void refuse_other_sockets(struct filter *f, unsigned calls)
{
  static unsigned const all[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
  unsigned const *families = calls & CONFINE_HERE ? all : all + 1;
  size_t const count = (calls & CONFINE_INTERNET ? 3 : 0) + (calls & CONFINE_HERE ? 1 : 0);
  load(f, offsetof(struct seccomp_data, args[0]));
  for (size_t i = 0; i < count; i++) {
    unless(f, BPF_JEQ, families[i], 1);
    end(f, SECCOMP_RET_ALLOW);
  }
  end(f, SECCOMP_RET_ERRNO | EPERM);
}

struct number { unsigned call; enum fate fate; };

/* Where most numbers end, all in one place each: behind the tree. */
enum { TO_REFUSAL = 255, TO_ALLOWANCE = 254 };

static void decide(struct filter *f, struct number const *n, unsigned calls)
{
  size_t at = f->len;
  unsigned char found = TO_REFUSAL;
  f->len++;
  if (n->fate != REFUSED) found = 0;
  if (n->fate == UNKNOWN) end(f, SECCOMP_RET_ERRNO | ENOSYS);
  if (n->fate == BY_FLAGS) refuse_name_spaces(f);
  if (n->fate == BY_FAMILY) refuse_other_sockets(f, calls);
  f->step[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, n->call, found, TO_ALLOWANCE);
}

/* The kernel runs a filter for every call there is before it takes it: what that costs is the steps to the end, so it is a
   tree. */
static void decide_all(struct filter *f, struct number const *numbers, size_t count, unsigned calls)
{
  size_t half = count / 2, at = f->len;
  if (count == 1) {
    decide(f, numbers, calls);
    return;
  }
  f->len++;
  decide_all(f, numbers, half, calls);
  f->step[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, numbers[half].call, (unsigned char)(f->len - (at + 1)), 0);
  decide_all(f, numbers + half, count - half, calls);
}

static void close_tree(struct filter *f, size_t begin)
{
  size_t allowance = f->len, refusal = allowance + 1;
  for (size_t i = begin; i < allowance; i++) {
    struct sock_filter *s = f->step + i;
    if (s->jf == TO_ALLOWANCE) s->jf = (unsigned char)(allowance - (i + 1));
    if (s->jt == TO_REFUSAL) s->jt = (unsigned char)(refusal - (i + 1));
  }
  end(f, SECCOMP_RET_ALLOW);
  end(f, SECCOMP_RET_ERRNO | EPERM);
}

/* In order. */
static size_t forbidden_numbers(struct number numbers[FORBIDDEN], unsigned calls)
{
  unsigned const taken = calls | (calls & CONFINE_PROGRAMS ? 0 : UNLESS_PROGRAMS)
                       | (calls & CONFINE_NO_PROCESSES ? 0 : UNLESS_NO_PROCESSES);
  size_t count = 0;
  for (size_t i = 0; i < FORBIDDEN; i++) {
    if (!(forbidden[i].when & taken)) continue;
    size_t at = count++;
    for (; at && numbers[at - 1].call > (unsigned)forbidden[i].call; at--) numbers[at] = numbers[at - 1];
    numbers[at] = (struct number){ (unsigned)forbidden[i].call, forbidden[i].fate };
  }
  return count;
}

static void write_filter(struct filter *f, unsigned calls)
{
  struct number numbers[FORBIDDEN];
  load(f, offsetof(struct seccomp_data, arch));
  step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_MACHINE, 1, 0));
  end(f, SECCOMP_RET_KILL_PROCESS);
  load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
  forbid(f, BPF_JGE, 0x40000000, ENOSYS);     /* the same calls by other numbers, for x32 */
#endif
  size_t begin = f->len, count = forbidden_numbers(numbers, calls);
  decide_all(f, numbers, count, calls);
  close_tree(f, begin);
}

static bool confine_calls(unsigned calls)
{
  struct filter f = { .len = 0 };
  if (!calls) return true;
  write_filter(&f, calls);
  struct sock_fprog const program = { .len = f.len, .filter = f.step };
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

#else

static bool confine_calls(unsigned calls)
{
  errno = ENOSYS;
  return !calls;
}

#endif

char const *confine(struct confinement const *c)
{
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) return "no_new_privs";
  char const *lacking = confine_files(c) ? 0 : "landlock";
  int e = errno;
  if (!confine_calls(c->calls)) return "seccomp";
  errno = e;
  return lacking;
}

void confine_or_warn(struct confinement const *c)
{
  char const *lacking = confine(c);
  if (lacking) strerr_warnwusys("confine itself by ", lacking);
}
