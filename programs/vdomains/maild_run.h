/* maild_run: what a verb of vpopmaild does is done by one of the commands, in a child, whose standard output is the answer. */

#ifndef MAILTREE_VDOMAINS_MAILD_RUN_H
#define MAILTREE_VDOMAINS_MAILD_RUN_H

#include <skalibs/stralloc.h>

enum {
  MAILD_RUN_OUTPUT_MAX = 16 << 20,      /* bytes */
  MAILD_RUN_SECONDS = 300,
  MAILD_RUN_TROUBLE = 111
};

/* Runs the command of ours, argv[0], with input on its descriptor 0; its output replaces *output, without what is beyond the
   bound. Its exit code; MAILD_RUN_TROUBLE too when it was killed, or could not be started. */
int maild_run_command(stralloc *output, char const *const *argv, stralloc const *input);

/* The same for a function of this program, which may end its process. */
int maild_run_function(stralloc *output, int (*does)(void *), void *with);

#endif
