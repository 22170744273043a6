/* without_fsync PROGRAM ARGS: runs a program, and all it starts, on a system where fsync and its kin say yes and do
   nothing. A crash test that still passes under it tests nothing. Needs root. */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PRETEND(call) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), \
  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0)

int main(int argc, char **argv)
{
  struct sock_filter rules[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    PRETEND(fsync), PRETEND(fdatasync), PRETEND(sync), PRETEND(syncfs), PRETEND(sync_file_range),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
  };
  struct sock_fprog program = { sizeof rules / sizeof *rules, rules };
  if (argc < 2 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1) {
    perror("without_fsync");
    return 111;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
