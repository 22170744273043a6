#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "line_program.h"
#include "shell.h"
#include "shell_words.h"

enum { ENOUGH = 99, LATER = 111 };

/* Exit codes by which a program refuses the message for good; all others but 0 and 99 mean later. */
static unsigned char const refusals[] = { 100, 64, 65, 70, 76, 77, 78, 112 };

/* The texts of an environment as the array that execve wants; null without memory. */
static char **as_array(stralloc const *environment)
{
  size_t n = 0;
  for (size_t i = 0; i < environment->len; i += strlen(environment->s + i) + 1) n++;
  char **list = calloc(n + 1, sizeof *list);
  n = 0;
  for (size_t i = 0; list && i < environment->len; i += strlen(environment->s + i) + 1) list[n++] = environment->s + i;
  return list;
}

/* How a command is started. */
struct plan {
  char *copy;                                 /* what words are parts of */
  char *words[SHELL_WORDS_MAX + 1];
  bool is_plain;                              /* no shell is needed */
  line_program *own;                          /* nor a program: this does its work; or null */
};

/* Without PATH a shell and we would search in different places. */
static void plan_make(struct plan *p, char const *command)
{
  p->copy = strdup(command);
  p->is_plain = p->copy && getenv("PATH") && shell_words_split(p->copy, p->words);
  p->own = p->is_plain ? line_program_for((char const *const *)p->words) : 0;
}

/* As if it had been started: nothing else is open, its environment is the only one, and it ends when it is told to. */
static _Noreturn void be_own(struct plan const *p, char **environment)
{
  int n = 0;
  while (p->words[n]) n++;
  environ = environment;
  signal(SIGTERM, SIG_DFL);
  close_range(3, UINT_MAX, 0);
  _exit(p->own(n, (char const *const *)p->words));
}

/* What is not started for whatever reason is left to the shell, so that its words and codes are the same (but for a program
   that crashes, of which we tell in our words). */
static _Noreturn void be_command(struct shell_command const *command, struct plan const *p, char **environment)
{
  char const *const argv[] = { "/bin/sh", "-c", command->text, 0 };
  static char const trouble[] = "Unable to run /bin/sh. (#4.3.0)\n";
  signal(SIGPIPE, SIG_DFL);
  if (command->prepare) command->prepare();
  if (!command->directory || chdir(command->directory) == 0) {
    if (p->own) be_own(p, environment);
    if (p->is_plain) execvpe(p->words[0], p->words, environment);
    execve(argv[0], (char *const *)argv, environment);
  }
  if (write(2, trouble, sizeof trouble - 1) == -1) _exit(LATER);
  _exit(LATER);
}

static enum shell_verdict verdict_of(int code)
{
  if (code == 0) return SHELL_DONE;
  if (code == ENOUGH) return SHELL_ENOUGH;
  return memchr(refusals, code, sizeof refusals) ? SHELL_REFUSED : SHELL_LATER;
}

enum shell_verdict shell_run(struct shell_command const *command)
{
  int wstat;
  struct plan plan;
  char **environment = as_array(command->environment);
  if (!environment || lseek(0, 0, SEEK_SET) == -1) {
    free(environment);
    return SHELL_NOT_STARTED;
  }
  plan_make(&plan, command->text);
  pid_t pid = fork();
  if (pid == 0) be_command(command, &plan, environment);
  free(environment);
  free(plan.copy);
  if (pid == -1) return SHELL_NOT_STARTED;
  if (wait_pid(pid, &wstat) == -1 || !WIFEXITED(wstat)) return SHELL_CRASHED;
  return verdict_of(WEXITSTATUS(wstat));
}
