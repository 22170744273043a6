#include <string.h>

#include "sendmail_cf.h"

static struct field line_next(struct sendmail_cf *cf)
{
  char const *s = cf->in.s + cf->at, *end = memchr(s, '\n', cf->in.len - cf->at);
  struct field line = { s, end ? (size_t)(end - s) : cf->in.len - cf->at };
  cf->at += line.len + (end != 0);
  cf->number++;
  return line;
}

/* A letter, or {several}. */
static size_t letter_len(struct field f)
{
  char const *end = f.len && *f.s == '{' ? memchr(f.s, '}', f.len) : 0;
  return end ? (size_t)(end - f.s) + 1 : f.len > 0;
}

static void cut(struct sendmail_cf *cf, struct field name, struct field rest)
{
  cf->name = name.len > 2 && *name.s == '{' ? (struct field){ name.s + 1, name.len - 2 } : field_trimmed(name);
  cf->value = field_trimmed(rest);
}

static struct field from(struct field f, size_t n)
{
  return (struct field){ f.s + n, f.len - n };
}

static void cut_option(struct sendmail_cf *cf, struct field f)
{
  char const *sign = f.len ? memchr(f.s, '=', f.len) : 0;
  size_t len = sign ? (size_t)(sign - f.s) : f.len;
  cut(cf, field_trimmed((struct field){ f.s, len }), from(f, sign ? len + 1 : len));
}

/* The name, and of the rest the last word. */
static void cut_table(struct sendmail_cf *cf, struct field f)
{
  struct field rest = field_trimmed(f), name = field_word(&rest), word, last = { f.s, 0 };
  while ((word = field_word(&rest)).len) last = word;
  cut(cf, name, last);
}

/* -o, in front of the name of a file, and a pattern behind it. */
static void cut_file(struct sendmail_cf *cf, struct field f)
{
  size_t len = letter_len(f);
  struct field rest = from(f, len), word = field_word(&rest);
  if (word.len && *word.s == '-') word = field_word(&rest);
  cut(cf, (struct field){ f.s, len }, word);
}

static void cut_letter(struct sendmail_cf *cf, struct field f)
{
  size_t len = letter_len(f);
  cut(cf, (struct field){ f.s, len }, from(f, len));
}

bool sendmail_cf_next(struct sendmail_cf *cf)
{
  static struct { char kind; void (*cut)(struct sendmail_cf *, struct field); } const kinds[] = {
    { 'D', cut_letter }, { 'C', cut_letter }, { 'F', cut_file }, { 'K', cut_table }, { 'O', cut_option }
  };
  while (cf->at < cf->in.len) {
    struct field line = line_next(cf);
    for (size_t i = 0; line.len > 1 && i < sizeof kinds / sizeof *kinds; i++) {
      if (*line.s != kinds[i].kind) continue;
      cf->kind = *line.s;
      kinds[i].cut(cf, from(line, 1));
      if (cf->name.len) return true;
    }
  }
  return false;
}
