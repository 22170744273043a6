/* rule_line: one line of access rules, ADDRESS:allow or ADDRESS:deny with variables, taken apart. */

#ifndef MAILTREE_RULE_LINE_H
#define MAILTREE_RULE_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct rule_line {
  char const *address;      /* without blanks around it */
  size_t address_len;
  bool is_deny;
  char const *rest;         /* the variables, each with its comma */
  size_t rest_len;
  bool has_blanks;          /* where tcprules(1) would have taken them for a part of something */
};

struct rule_variable {
  char const *name, *value;
  size_t name_len, value_len;
  char quote;
};

/* A line without its end and without blanks behind. Null, or why it is none; its variables are then good, too. */
char const *rule_line_parse(struct rule_line *line, char const *s, size_t len);

/* The next variable from *at on, which moves behind it. False at the end. */
bool rule_line_variable(struct rule_variable *v, struct rule_line const *line, size_t *at);

#endif
