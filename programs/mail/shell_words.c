#include <stddef.h>
#include <string.h>

#include "shell_words.h"

static char const blanks[] = " \t";
static char const plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:@+- \t";

/* Names without a slash might be a shell's own commands; these are none. */
static char const *const family[] = {
  "bouncesaying", "condredirect", "dot-forward", "except", "fastforward", "forward", "preline", "qbiff", "qreceipt",
  "vdelivermail"
};

static bool is_program(char const *word)
{
  if (strchr(word, '/')) return true;
  for (size_t i = 0; i < sizeof family / sizeof *family; i++)
    if (!strcmp(word, family[i])) return true;
  return false;
}

bool shell_words_split(char *command, char *words[SHELL_WORDS_MAX + 1])
{
  size_t n = 0;
  char *rest;
  if (command[strspn(command, plain)]) return false;
  for (char *word = strtok_r(command, blanks, &rest); word; word = strtok_r(0, blanks, &rest)) {
    if (n == SHELL_WORDS_MAX) return false;
    words[n++] = word;
  }
  words[n] = 0;
  return n && is_program(words[0]);
}
