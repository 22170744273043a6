/* short_write CALL N LOG PROGRAM ARGS: runs a program, and all it starts, where the N-th CALL (write, pwrite64, writev) of
   every process takes one byte of several. Counts from 1 and anew after an exec; writes INJECTED to LOG when it struck.
   Ends as the program ends. Needs root where the program is setuid. Knows the registers of x86-64 only. */

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__

enum { PROCESSES = 1024 };
enum { OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
               | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL };

static struct process {
  pid_t pid;
  long calls;
  bool inside, changed;
  unsigned long long from, len;     /* the arguments that it believes to have given */
} processes[PROCESSES];
static unsigned long long call;
static long number;
static int log_fd;

static struct process *process(pid_t pid)
{
  for (int i = 0; i < PROCESSES; i++)
    if (processes[i].pid == pid || !processes[i].pid) {
      processes[i].pid = pid;
      return processes + i;
    }
  exit(111);
}

/* A writev becomes a write of the first byte of its first piece. */
static void shorten(struct process *p, struct user_regs_struct *r)
{
  if (r->orig_rax != call || ++p->calls != number || (call != SYS_writev && r->rdx < 2)) return;
  p->from = r->rsi;
  p->len = r->rdx;
  p->changed = true;
  if (call == SYS_writev) {
    r->rsi = (unsigned long long)ptrace(PTRACE_PEEKDATA, p->pid, r->rsi, 0);
    r->orig_rax = SYS_write;
  }
  r->rdx = 1;
  if (write(log_fd, "INJECTED\n", 9) == -1) exit(111);
}

static void at_call(struct process *p)
{
  struct user_regs_struct r;
  if (ptrace(PTRACE_GETREGS, p->pid, 0, &r) == -1) return;
  p->inside = !p->inside;
  if (p->inside) shorten(p, &r);
  else if (p->changed) {
    r.rsi = p->from;
    r.rdx = p->len;
    p->changed = false;
  } else return;
  ptrace(PTRACE_SETREGS, p->pid, 0, &r);
}

/* The signal to pass on when the process goes on. */
static int stopped(pid_t pid, int status)
{
  int sig = WSTOPSIG(status);
  if (sig == (SIGTRAP | 0x80)) return (at_call(process(pid)), 0);
  if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) process(pid)->calls = 0;
  return sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

/* Whoever reads what the program writes shall see its end. */
static void keep_only_the_log(void)
{
  for (int fd = 0; fd < 7; fd++)
    if (fd != log_fd) close(fd);
}

int main(int argc, char **argv)
{
  int status, result = 111;
  if (argc < 5) return 100;
  call = !strcmp(argv[1], "write") ? SYS_write : !strcmp(argv[1], "writev") ? SYS_writev : SYS_pwrite64;
  number = atol(argv[2]);
  log_fd = fcntl(open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), F_DUPFD_CLOEXEC, 10);
  pid_t first = fork();
  if (first == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execvp(argv[4], argv + 4);
    _exit(127);
  }
  keep_only_the_log();
  waitpid(first, &status, 0);
  ptrace(PTRACE_SETOPTIONS, first, 0, OPTIONS);
  ptrace(PTRACE_SYSCALL, first, 0, 0);
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) != -1;) {
    if (WIFSTOPPED(status)) ptrace(PTRACE_SYSCALL, pid, 0, stopped(pid, status));
    else if (pid == first) result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return result;
}

#else

int main(void)
{
  return 111;
}

#endif
