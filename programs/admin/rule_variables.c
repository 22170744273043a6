#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "control_table.h"
#include "near_miss.h"
#include "rule_variables.h"
#include "text.h"

static bool is_in(char const *const *names, char const *name)
{
  while (*names && strcmp(*names, name) != 0) names++;
  return *names != 0;
}

/* TIMEOUTSMTPD is control/timeoutsmtpd. */
static struct control_file const *control_of(char const *name)
{
  stralloc lower = STRALLOC_ZERO;
  for (; *name; name++) text_addc(&lower, (char)tolower((unsigned char)*name));
  struct control_file const *file = control_file_of(text_z(&lower));
  stralloc_free(&lower);
  return file;
}

static enum variable_standing standing(char const *const *taken, char const *name, char const **meant)
{
  struct control_file const *file = control_of(name);
  *meant = 0;
  if (is_in(taken, name)) return VARIABLE_TAKEN;
  if (is_in(known_variables, name)) return VARIABLE_ELSEWHERE;
  if (file) return *meant = file->name, VARIABLE_CONTROL;
  *meant = near_miss(name, known_variables);
  return *meant ? VARIABLE_MISSPELT : VARIABLE_FOREIGN;
}

enum variable_standing rule_variable_standing(char const *name, char const **meant)
{
  return standing(rule_variable_names, name, meant);
}

static struct { char const *before, *behind, *end; bool is_note; } const sentences[] = {
  [VARIABLE_ELSEWHERE] = { "no program behind tcpserver looks at ", "", "", false },
  [VARIABLE_MISSPELT]  = { "no program knows the variable ", ": is ", " meant?", false },
  [VARIABLE_CONTROL]   = { "no program knows the variable ", ": it is set in control/", " alone", false },
  [VARIABLE_FOREIGN]   = { "no program of this system knows the variable ", "", "", true },
};

static void tell(struct findings *to, char const *path, size_t line, char const *name, enum variable_standing which,
                 char const *meant)
{
  stralloc text = STRALLOC_ZERO;
  if (which == VARIABLE_TAKEN) return;
  text_set(&text, sentences[which].before);
  text_add(&text, name);
  text_add(&text, sentences[which].behind);
  if (meant) text_add(&text, meant);
  text_add(&text, sentences[which].end);
  finding_add(to, &(struct finding){ .where = path, .line = line, .text = text_z(&text),
                                     .is_note = sentences[which].is_note });
  stralloc_free(&text);
}

void check_rule_variable(struct findings *to, char const *path, size_t line, char const *name)
{
  char const *meant;
  enum variable_standing which = rule_variable_standing(name, &meant);
  tell(to, path, line, name, which, meant);
}

void check_env_variable(struct findings *to, char const *path, char const *name)
{
  char const *meant;
  enum variable_standing which = standing(known_variables, name, &meant);
  tell(to, path, 0, name, which, meant);
}
