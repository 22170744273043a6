#include <string.h>

#include "vdelivermail_line.h"

static char const plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:@%=+-";
static char const ending[] = "/bin/vdelivermail";
static char const same_user[] = "$EXT@";

static bool is_plain(struct field word)
{
  for (size_t i = 0; i < word.len; i++)
    if (!word.s[i] || !strchr(plain, word.s[i])) return false;
  return word.len > 0;
}

static struct field without(struct field word, size_t n)
{
  return (struct field){ word.s + n, word.len - n };
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* Takes the next word from the line; empty at its end. */
static struct field next_word(struct field *line)
{
  while (line->len && is_blank(*line->s)) *line = without(*line, 1);
  struct field word = { line->s, 0 };
  while (word.len < line->len && !is_blank(word.s[word.len])) word.len++;
  *line = without(*line, word.len);
  return word;
}

static bool is_program(struct field word)
{
  size_t len = sizeof ending - 1;
  return is_plain(word) && word.s[0] == '/' && word.len >= len && !memcmp(word.s + word.len - len, ending, len);
}

static bool is_address(struct field word)
{
  char const *at = word.len ? memchr(word.s, '@', word.len) : 0;
  return at && at > word.s && at + 1 < word.s + word.len;
}

bool vdelivermail_line_action(struct vdelivermail_line *to, struct field word)
{
  size_t prefix = sizeof same_user - 1;
  bool same = word.len > prefix && !memcmp(word.s, same_user, prefix);
  to->target = same ? without(word, prefix) : word;
  if (same) to->action = VDELIVERMAIL_FORWARD_SAME;
  else if (field_is(word, "bounce-no-mailbox")) to->action = VDELIVERMAIL_BOUNCE;
  else if (field_is(word, "delete")) to->action = VDELIVERMAIL_DELETE;
  else if (word.len && word.s[0] == '/') to->action = VDELIVERMAIL_DIRECTORY;
  else if (is_address(word)) to->action = VDELIVERMAIL_FORWARD;
  else return false;
  return true;
}

bool vdelivermail_line_parse(struct vdelivermail_line *to, char const *s, size_t len)
{
  if (!len || s[0] != '|') return false;
  struct field line = without((struct field){ s, len }, 1);
  to->program = next_word(&line);
  struct field empty = next_word(&line), action = next_word(&line);
  if (!is_program(to->program) || (!field_is(empty, "''") && !field_is(empty, "\"\""))) return false;
  return vdelivermail_line_action(to, action) && is_plain(to->target) && !next_word(&line).len;
}
