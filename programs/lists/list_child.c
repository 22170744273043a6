#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "list_child.h"
#include "list_words.h"
#include "text.h"

void list_command_add(struct list_command *c, char const *word)
{
  if (c->count < LIST_WORDS_MAX) c->words[c->count++] = word;
  c->words[c->count] = 0;
}

char const *list_program(char const *name)
{
  stralloc path = STRALLOC_ZERO;
  text_add(&path, list_bin());
  text_addc(&path, '/');
  text_add(&path, name);
  return text_z(&path);
}

char const *list_here(struct list const *l)
{
  return *l->dir == '/' ? l->dir : ".";
}

void list_command_given(struct list_command *c, char const *const *words)
{
  if (!words[1]) {
    list_command_add(c, "/bin/sh");
    list_command_add(c, "-c");
  }
  while (*words) list_command_add(c, *words++);
}

_Noreturn void list_become(struct list const *l, struct list_command const *c)
{
  signal(SIGPIPE, SIG_DFL);
  execvp(c->words[0], (char *const *)c->words);
  list_die_system(l, "ERR_EXECUTE", c->words[0]);
}

int list_run(struct list const *l, struct list_command const *c, int message)
{
  int wstat;
  pid_t pid = fork();
  if (pid == -1) list_die_system(l, "ERR_FORK", 0);
  if (pid == 0) {
    if (message != 0 && dup2(message, 0) == -1) list_die_system(l, "ERR_EXECUTE", c->words[0]);
    list_become(l, c);
  }
  if (wait_pid(pid, &wstat) == -1 || !WIFEXITED(wstat)) {
    list_inform(l, "ERR_CHILD_CRASHED", 0);
    return LIST_TROUBLE;
  }
  return WEXITSTATUS(wstat);
}

int list_child_verdict(struct list const *l, int code)
{
  if (code == 0) return 0;
  list_inform(l, code == LIST_REFUSED ? "ERR_CHILD_FATAL" : code == LIST_TROUBLE ? "ERR_CHILD_TEMP" : "ERR_CHILD_UNKNOWN", 0);
  return code == LIST_REFUSED ? LIST_REFUSED : LIST_TROUBLE;
}
