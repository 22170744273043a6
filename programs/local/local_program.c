#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>

#include "local_command.h"
#include "local_end.h"
#include "local_environment.h"
#include "local_memory.h"
#include "local_program.h"
#include "text.h"

enum { SKIP_THE_REST = 99 };

/* Exit codes by which a program refuses the message for good; all others but 0 and 99 mean later. */
static unsigned char const refusals[] = { 100, 64, 65, 70, 76, 77, 78, 112 };

/* The texts of an environment as the array that execve wants. */
static char **as_array(stralloc const *environment)
{
  static genalloc list = GENALLOC_ZERO;
  char *end = 0;
  list.len = 0;
  for (size_t i = 0; i < environment->len; i += strlen(environment->s + i) + 1) {
    char *text = environment->s + i;
    if (!genalloc_append(char *, &list, &text)) die_nomem();
  }
  if (!genalloc_append(char *, &list, &end)) die_nomem();
  return genalloc_s(char *, &list);
}

/* Saves the start of a shell. Whatever goes wrong is left to the shell, so that its words and codes are the same (but
   for a program that crashes, of which we tell in our words); without PATH the two would search in different places. */
static void run_plain(char const *command, char *const *environment)
{
  char *words[COMMAND_WORDS_MAX + 1];
  char *copy = strdup(command);
  if (copy && getenv("PATH") && command_split(copy, words)) execvpe(words[0], words, environment);
}

static _Noreturn void be_program(char const *command, char *const *environment)
{
  char const *const argv[] = { "/bin/sh", "-c", command, 0 };
  signal(SIGPIPE, SIG_DFL);
  memory_unlimit();
  run_plain(command, environment);
  execve(argv[0], (char *const *)argv, environment);
  local_defer_errno("Unable to run ", argv[0], "(#4.3.0)");
}

static bool obey(int code)
{
  if (code == 0) return true;
  if (code == SKIP_THE_REST) return false;
  _exit(memchr(refusals, code, sizeof refusals) ? 100 : 111);
}

bool program_run(struct local_mail const *m, char const *command)
{
  stralloc environment = STRALLOC_ZERO;
  int wstat;
  if (lseek(0, 0, SEEK_SET) == -1) local_defer("Unable to rewind message. (#4.3.0)");
  local_environment(&environment, m);
  char *const *array = as_array(&environment);
  pid_t pid = fork();
  if (pid == -1) local_defer("Unable to fork: ", reason(errno), ". (#4.3.0)");
  if (pid == 0) be_program(command, array);
  stralloc_free(&environment);
  if (wait_pid(pid, &wstat) == -1 || !WIFEXITED(wstat)) local_defer("Aack, child crashed. (#4.3.0)");
  return obey(WEXITSTATUS(wstat));
}
