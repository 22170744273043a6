#include <errno.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "control_check.h"
#include "rule_listener.h"
#include "rule_variables.h"
#include "rules.h"
#include "text.h"

static void check_rule_file(char const *path, void *to)
{
  stralloc clean = STRALLOC_ZERO, text = STRALLOC_ZERO;
  if (rules_file(&clean, to, path) == -1) {
    text_set(&text, "unable to read: ");
    text_add(&text, strerror(errno));
    finding_add(to, &(struct finding){ .where = path, .text = text_z(&text) });
  }
  stralloc_free(&clean);
  stralloc_free(&text);
}

/* /etc/tcp.smtp.old.cdb, unless some service reads just that. */
static void check_table(struct findings *to, char const *path)
{
  struct rule_listener listener = { .table = STRALLOC_ZERO };
  stralloc source = STRALLOC_ZERO;
  text_setb(&source, path, strlen(path) - strlen(".cdb"));
  if (!rules_is_source(text_z(&source)) && !rule_listener_find(&listener, path))
    finding_add(to, &(struct finding){
      .where = path, .text = "made of a copy of rules, and no service reads it: remove it" });
  stralloc_free(&source);
  stralloc_free(&listener.table);
}

static void check_variable(struct findings *to, char const *path)
{
  check_env_variable(to, path, strrchr(path, '/') + 1);
}

static bool is_down(char const *run)
{
  stralloc down = STRALLOC_ZERO;
  text_setb(&down, run, strlen(run) - strlen("run"));
  text_add(&down, "down");
  bool is = access(text_z(&down), F_OK) == 0;
  stralloc_free(&down);
  return is;
}

/* tcpserver is up then, and turns everybody away without a word. */
static void check_rules_are_there(struct findings *to, char const *run)
{
  struct rule_listener listener = { .table = STRALLOC_ZERO };
  stralloc text = STRALLOC_ZERO, why = STRALLOC_ZERO;
  bool reads = control_slurp_path(&text, run) == 1 && rule_listener_read(&listener, text.s, text.len) && listener.table.len;
  bool is_path = reads && *listener.table.s == '/' && !memchr(listener.table.s, '$', listener.table.len);
  if (is_path && !listener.may_lack && !is_down(run) && access(text_z(&listener.table), F_OK) == -1 && errno == ENOENT) {
    text_set(&why, "the service is wanted, and there is no ");
    text_addx(&why, &listener.table);
    text_add(&why, ", so that nobody is let in: write its rules, then qmailctl cdb");
    finding_add(to, &(struct finding){ .where = run, .text = text_z(&why) });
  }
  stralloc_free(&listener.table);
  stralloc_free(&text);
  stralloc_free(&why);
}

static void for_each(char const *pattern, struct findings *to, void (*check)(struct findings *, char const *))
{
  glob_t found;
  if (glob(pattern, 0, 0, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) check(to, found.gl_pathv[i]);
  globfree(&found);
}

void check_services(struct findings *to)
{
  for_each("supervise/*/env/*", to, check_variable);
  for_each("supervise/*/run", to, check_rules_are_there);
  for_each("/etc/tcp.*.cdb", to, check_table);
  rules_each(check_rule_file, to);
}
