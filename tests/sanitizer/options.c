/* options: how a sanitized program behaves, linked into each program of "make SANITIZE=1" and into no other.

   ASAN_OPTIONS does not reach the setuid qmail-queue, nor what is started with a clean environment; these do.
   In a test host reports go to files, which the host's fixture reads at its end: many a program here has no
   stderr, or one that a client reads. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REPORTS "/run/sanitizer"
#define TO_REPORTS ":log_path=" REPORTS "/report"
#define ALWAYS "exitcode=86:print_stacktrace=1:verify_asan_link_order=0"

char const *__asan_default_options(void);
char const *__ubsan_default_options(void);
int __lsan_is_turned_off(void);

/* The system itself is asked: this runs before the sanitizer's own access() is ready. */
__attribute__((no_sanitize("address", "undefined"))) static char const *options(void)
{
  return syscall(SYS_access, REPORTS, W_OK) == 0 ? ALWAYS TO_REPORTS : ALWAYS;
}

__attribute__((no_sanitize("address", "undefined"))) char const *__asan_default_options(void)
{
  return options();
}

__attribute__((no_sanitize("address", "undefined"))) char const *__ubsan_default_options(void)
{
  return options();
}

/* Opens by a call that libc no longer makes, since tests look at what a program opens. */
static void slurp(char *to, size_t room, char const *path)
{
  int fd = (int)syscall(SYS_open, path, O_RDONLY);
  ssize_t len = fd == -1 ? 0 : read(fd, to, room - 1);
  if (fd != -1) close(fd);
  to[len < 0 ? 0 : len] = 0;
}

static bool traced(void)
{
  char text[1024];
  slurp(text, sizeof text, "/proc/self/status");
  char const *tracer = strstr(text, "TracerPid:\t");
  return tracer && tracer[11] != '0';
}

/* "svc -d" sends TERM, then CONT, and CONT takes back the STOP by which the search holds the program: both would hang. */
static bool supervised(void)
{
  char path[64], name[32];
  snprintf(path, sizeof path, "/proc/%d/comm", (int)getppid());
  slurp(name, sizeof name, path);
  return strcmp(name, "supervise\n") == 0;
}

/* The others live for one message or one table and leave their memory to the system. */
static bool lives_long(void)
{
  static char const *const names[] = {
    "qmail-queued", "qmail-usersd", "qmail-tlsd", "qmail-send", "qmail-clean", "qmail-lspawn", "qmail-rspawn", "qmail-smtpd", "qmail-popup",
    "qmail-pop3d", 0
  };
  char const *const *name = names;
  while (*name && strcmp(*name, program_invocation_short_name) != 0) name++;
  return *name != 0;
}

/* From everybody of its own user, because of the mode of its file or by its own wish. */
static bool hidden(void)
{
  return syscall(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) != 1 && geteuid() != 0;
}

/* The search traces the program with the program's own rights, and cannot when another traces it already. */
int __lsan_is_turned_off(void)
{
  return !lives_long() || traced() || supervised() || hidden();
}
