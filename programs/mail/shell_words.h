/* shell_words: commands so plain that a shell would only start them. Pure. */

#ifndef MAILTREE_SHELL_WORDS_H
#define MAILTREE_SHELL_WORDS_H

#include <stdbool.h>

enum { SHELL_WORDS_MAX = 32 };

/* True when the command is words that mean nothing to any shell, or stand in quotes that keep them as they are, the first of
   them the path of a program or a program of this family. command is then cut into words, without their quotes, and words
   ends with a null; otherwise command is spoilt. */
bool shell_words_split(char *command, char *words[SHELL_WORDS_MAX + 1]);

#endif
