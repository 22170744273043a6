#include <errno.h>
#include <unistd.h>

#include "local_end.h"
#include "local_environment.h"
#include "local_memory.h"
#include "local_program.h"
#include "shell.h"
#include "text.h"

bool program_run(struct local_mail const *m, char const *command)
{
  stralloc environment = STRALLOC_ZERO;
  if (lseek(0, 0, SEEK_SET) == -1) local_defer("Unable to rewind message. (#4.3.0)");
  local_environment(&environment, m);
  enum shell_verdict verdict = shell_run(&(struct shell_command){
    .text = command, .environment = &environment, .prepare = memory_unlimit
  });
  stralloc_free(&environment);
  switch (verdict) {
    case SHELL_DONE: return true;
    case SHELL_ENOUGH: return false;
    case SHELL_REFUSED: _exit(100);
    case SHELL_LATER: _exit(111);
    case SHELL_CRASHED: local_defer("Aack, child crashed. (#4.3.0)");
    default: local_defer("Unable to fork: ", reason(errno), ". (#4.3.0)");
  }
}
