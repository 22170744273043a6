/* peak FILE PROGRAM ...: runs the program, and writes into FILE how much memory it, or what it has waited for, had at most, in KiB, and
   the milliseconds of CPU that all of them took. However short it lives: the kernel tells when it has ended. Exits as it. */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
  struct rusage used;
  int wstat;
  if (argc < 3) return 100;
  pid_t pid = fork();
  if (!pid) {
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(111);
  }
  if (pid == -1 || wait4(pid, &wstat, 0, &used) != pid) return 111;
  long const ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
  FILE *out = fopen(argv[1], "w");
  if (!out || fprintf(out, "%ld %ld\n", used.ru_maxrss, ms) < 0 || fclose(out)) return 111;
  return WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 111;
}
