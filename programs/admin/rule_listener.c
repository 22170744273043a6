#include <glob.h>
#include <string.h>

#include "control.h"
#include "rule_listener.h"
#include "text.h"

/* The words of a script, so far as they are plain: a line may go on behind a backslash. */
static bool next_word(char const *s, size_t len, size_t *at, char const **word, size_t *word_len)
{
  while (*at < len && strchr(" \t\n\\", s[*at])) ++*at;
  if (*at == len) return false;
  *word = s + *at;
  while (*at < len && (!s[*at] || !strchr(" \t\n", s[*at]))) ++*at;
  *word_len = (size_t)(s + *at - *word);
  return true;
}

static bool is_word(char const *word, size_t len, char const *name)
{
  size_t n = strlen(name);
  if (len < n || memcmp(word + len - n, name, n) != 0) return false;
  return len == n || word[len - n - 1] == '/';
}

/* Letters with a value, which is the rest of the word or the next one. */
static bool has_value(char letter)
{
  return letter && strchr("xBgublcIt", letter);
}

/* With or without quotes around it. */
static void set_table(struct rule_listener *to, char const *s, size_t len)
{
  if (len > 1 && (s[0] == '"' || s[0] == '\'') && s[len - 1] == s[0]) s++, len -= 2;
  text_setb(&to->table, s, len);
}

/* One word of options; *at is behind it. */
static void take_options(struct rule_listener *to, char const *s, size_t len, size_t *at,
                         char const *word, size_t word_len)
{
  for (size_t i = 1; i < word_len; i++) {
    switch (word[i]) {
      case 'X': to->may_lack = true; break;
      case 'h': to->names = true; break;
      case 'H': to->names = false; break;
      case 'r': to->ident = true; break;
      case 'R': to->ident = false; break;
    }
    if (!has_value(word[i])) continue;
    char const *value = word + i + 1;
    size_t value_len = word_len - i - 1;
    if (!value_len && !next_word(s, len, at, &value, &value_len)) return;
    if (word[i] == 'x') set_table(to, value, value_len);
    return;
  }
}

static bool find_word(char const *s, size_t len, size_t *at, char const *name)
{
  char const *word;
  size_t word_len;
  while (next_word(s, len, at, &word, &word_len)) {
    if (*word == '#') {
      char const *end = memchr(word, '\n', len - (size_t)(word - s));
      *at = end ? (size_t)(end - s) : len;
    } else if (is_word(word, word_len, name)) return true;
  }
  return false;
}

static bool has_word(char const *s, size_t len, size_t at, char const *name)
{
  return find_word(s, len, &at, name);
}

bool rule_listener_read(struct rule_listener *to, char const *s, size_t len)
{
  char const *word;
  size_t word_len, at = 0;
  to->table.len = 0;
  to->names = to->ident = true;
  to->may_lack = false;
  if (!find_word(s, len, &at, "tcpserver")) return false;
  for (size_t next = at; next_word(s, len, &next, &word, &word_len) && *word == '-'; at = next)
    take_options(to, s, len, &next, word, word_len);
  to->relays = has_word(s, len, at, "qmail-qmqpd");
  to->lists = to->relays || has_word(s, len, at, "rblsmtpd") || has_word(s, len, at, "qmail-smtpd") || has_word(s, len, at, "qmail-qmtpd");
  return true;
}

static void join(struct rule_listener *to, struct rule_listener const *one)
{
  to->may_lack |= one->may_lack;
  to->names |= one->names;
  to->ident |= one->ident;
  to->lists |= one->lists;
  to->relays |= one->relays;
}

static bool speaks_for(struct rule_listener *one, char const *path, char const *table)
{
  stralloc text = STRALLOC_ZERO;
  bool found = control_slurp_path(&text, path) == 1 && rule_listener_read(one, text.s, text.len) &&
    strcmp(text_z(&one->table), table) == 0;
  stralloc_free(&text);
  return found;
}

bool rule_listener_find(struct rule_listener *to, char const *table)
{
  struct rule_listener one = { .table = STRALLOC_ZERO };
  glob_t runs;
  bool found = false;
  text_set(&to->table, table);
  to->may_lack = to->names = to->ident = to->lists = to->relays = false;
  if (glob("supervise/*/run", 0, 0, &runs) == 0)
    for (size_t i = 0; i < runs.gl_pathc; i++)
      if (speaks_for(&one, runs.gl_pathv[i], table)) {
        join(to, &one);
        found = true;
      }
  globfree(&runs);
  stralloc_free(&one.table);
  return found;
}
