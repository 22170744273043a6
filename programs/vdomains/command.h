/* command: what the commands of virtual domains have in common on their command lines. Each says its options in a table:

     static struct command_option const options[] = {
       { 'q', COMMAND_TEXT, &quota },
       { 'b', COMMAND_FLAG, &bounces },
       { 0 }
     };

   -v prints the version and the command goes on, as it always did; --dry-run and --json are known to all: with the one nothing is
   changed, with the other what is said is JSON (saying.h), whatever the command is. */

#ifndef MAILTREE_VDOMAINS_COMMAND_H
#define MAILTREE_VDOMAINS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

enum command_kind {
  COMMAND_FLAG,             /* bool */
  COMMAND_TEXT,             /* char const *: the argument */
  COMMAND_NUMBER,           /* uint32_t: the argument; the usage if it is none */
  COMMAND_LENGTH            /* uint32_t: what follows the letter in the same word; COMMAND_NO_LENGTH if nothing does */
};

enum { COMMAND_NO_LENGTH = 0xffffffff };

struct command_option { char letter; enum command_kind kind; void *to; };

struct command {
  bool dry_run, json;
  char const *usage;
  char *const *words;       /* what is no option */
  int count;
};

/* Reads the command line; PROG must be set. An option nobody knows ends the program with the usage, 100. */
struct command command_read(int argc, char *const *argv, struct command_option const *options, char const *usage);

/* Ends the program with the usage, 100, unless there are so many words. */
void command_need_words(struct command const *command, int least, int most);

_Noreturn void command_usage(struct command const *command);

/* A word in lower case; static storage for each of the first few. */
char const *command_lower(struct command const *command, int i);

/* Writes what was asked for, all of it, or ends the program. */
void command_answer(stralloc const *text);

/* For --dry-run: says what would be done, "remove joe@example.net", and is true; else false. */
bool command_is_dry(void);
bool command_only_says(char const *what, char const *whom);

/* Carries the plan out; or, for --dry-run, prints its steps. */
void command_change(struct command const *command, stralloc *plan);

#endif
