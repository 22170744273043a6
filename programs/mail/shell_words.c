#include <stddef.h>
#include <string.h>

#include "shell_words.h"

static char const blanks[] = " \t";
static char const plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:@+-";

/* Names without a slash might be a shell's own commands; these are none. */
static char const *const family[] = {
  "bouncesaying", "condredirect", "dot-forward", "except", "fastforward", "forward", "preline", "qbiff", "qreceipt",
  "vacation", "vdelivermail"
};

static bool is_program(char const *word)
{
  if (strchr(word, '/')) return true;
  for (size_t i = 0; i < sizeof family / sizeof *family; i++)
    if (!strcmp(word, family[i])) return true;
  return false;
}

/* How many bytes of s mean themselves to a shell, from behind the quote that stands in front of them; 0 for an open one. */
static size_t quoted_length(char const *s, char quote)
{
  size_t len = strcspn(s, quote == '\'' ? "'" : "\"$`\\");
  return s[len] == quote ? len + 1 : 0;
}

/* Copies the word at *in to *out, without its quotes and with a NUL. False: it means something to a shell. */
static bool take_word(char **in, char **out)
{
  while (**in && !strchr(blanks, **in)) {
    size_t quoted = **in == '\'' || **in == '"' ? quoted_length(*in + 1, **in) : 0;
    size_t len = quoted ? quoted - 1 : strspn(*in, plain);
    if (!len && !quoted) return false;
    memmove(*out, *in + (quoted != 0), len);
    *in += len + (quoted ? 2 : 0);
    *out += len;
  }
  *in += **in != 0;
  *(*out)++ = 0;
  return true;
}

bool shell_words_split(char *command, char *words[SHELL_WORDS_MAX + 1])
{
  size_t n = 0;
  char *in = command, *out = command;
  while (*(in += strspn(in, blanks))) {
    if (n == SHELL_WORDS_MAX) return false;
    words[n++] = out;
    if (!take_word(&in, &out)) return false;
  }
  words[n] = 0;
  return n && is_program(words[0]);
}
