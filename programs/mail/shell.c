#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

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

/* Saves the start of a shell. Whatever goes wrong is left to the shell, so that its words and codes are the same (but
   for a program that crashes, of which we tell in our words); without PATH the two would search in different places. */
static void run_plain(char const *command, char *const *environment)
{
  char *words[SHELL_WORDS_MAX + 1];
  char *copy = strdup(command);
  if (copy && getenv("PATH") && shell_words_split(copy, words)) execvpe(words[0], words, environment);
}

static _Noreturn void be_command(struct shell_command const *command, char *const *environment)
{
  char const *const argv[] = { "/bin/sh", "-c", command->text, 0 };
  static char const trouble[] = "Unable to run /bin/sh. (#4.3.0)\n";
  signal(SIGPIPE, SIG_DFL);
  if (command->prepare) command->prepare();
  if (!command->directory || chdir(command->directory) == 0) {
    run_plain(command->text, environment);
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
  char **environment = as_array(command->environment);
  if (!environment || lseek(0, 0, SEEK_SET) == -1) {
    free(environment);
    return SHELL_NOT_STARTED;
  }
  pid_t pid = fork();
  if (pid == 0) be_command(command, environment);
  free(environment);
  if (pid == -1) return SHELL_NOT_STARTED;
  if (wait_pid(pid, &wstat) == -1 || !WIFEXITED(wstat)) return SHELL_CRASHED;
  return verdict_of(WEXITSTATUS(wstat));
}
