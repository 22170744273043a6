#include <string.h>
#include <strings.h>

#include "mime_type.h"
#include "text.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void take(struct field *rest)
{
  rest->s++;
  rest->len--;
}

/* Behind a comment, nested ones included; false when it has no end. */
static bool skip_comment(struct field *rest)
{
  size_t depth = 0;
  for (; rest->len; take(rest)) {
    if (*rest->s == '\\' && rest->len > 1) take(rest);
    else if (*rest->s == '(') depth++;
    else if (*rest->s == ')' && !--depth) return take(rest), true;
  }
  return false;
}

static void skip_blanks(struct field *rest)
{
  while (rest->len && (is_blank(*rest->s) || *rest->s == '('))
    if (*rest->s == '(') skip_comment(rest);
    else take(rest);
}

/* Up to a byte that ends a token here. */
static struct field token(struct field *rest, char const *ends)
{
  struct field word = { rest->s, 0 };
  for (; rest->len && !is_blank(*rest->s) && *rest->s && !strchr(ends, *rest->s); take(rest)) word.len++;
  return word;
}

/* A quotation without its quotes; false when it has no end. to may be null. */
static bool quoted(stralloc *to, struct field *rest)
{
  for (take(rest); rest->len; take(rest)) {
    if (*rest->s == '"') return take(rest), true;
    if (*rest->s == '\\' && rest->len > 1) take(rest);
    if (to && !is_blank(*rest->s)) text_addc(to, *rest->s);
    else if (to) text_addc(to, ' ');
  }
  return false;
}

static bool value_of(stralloc *to, struct field *rest)
{
  if (rest->len && *rest->s == '"') return quoted(to, rest);
  struct field word = token(rest, ";(");
  if (to) text_addb(to, word.s, word.len);
  return true;
}

/* The next parameter behind a semicolon: its name, with *rest at its value. False: there is none. */
static bool parameter(struct field *name, struct field *rest)
{
  for (;;) {
    skip_blanks(rest);
    if (!rest->len) return false;
    if (*rest->s == ';' || *rest->s == '"') {
      if (*rest->s == '"') quoted(0, rest);
      else take(rest);
      continue;
    }
    *name = token(rest, "=;(\"");
    skip_blanks(rest);
    if (!rest->len) return false;
    bool has_value = *rest->s == '=';
    if (has_value || !name->len) take(rest);
    if (!has_value) continue;
    skip_blanks(rest);
    return true;
  }
}

void mime_type_read(struct mime_type *to, struct field value)
{
  struct field name;
  skip_blanks(&value);
  *to = (struct mime_type){ .name = token(&value, ";(") };
  while (!to->broken && parameter(&name, &value)) to->broken = !value_of(0, &value);
}

bool mime_type_parameter(stralloc *to, struct field value, char const *wanted)
{
  struct field name;
  to->len = 0;
  skip_blanks(&value);
  token(&value, ";(");
  while (parameter(&name, &value)) {
    bool is_it = name.len == strlen(wanted) && !strncasecmp(name.s, wanted, name.len);
    bool whole = value_of(is_it ? to : 0, &value);
    if (is_it && whole && to->len) return true;
    to->len = 0;
  }
  return false;
}

bool mime_type_is(struct field name, char const *wanted)
{
  size_t len = strlen(wanted);
  if (name.len < len || strncasecmp(name.s, wanted, len) != 0) return false;
  return name.len == len || wanted[len - 1] == '/';
}
