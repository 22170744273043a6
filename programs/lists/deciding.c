#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <string.h>
#include <unistd.h>

#include "deciding.h"
#include "list_sender.h"
#include "list_words.h"
#include "text.h"

static char const *variable(struct list const *l, char const *name, char const *missing)
{
  char const *value = getenv(name);
  if (!value) list_die(LIST_REFUSED, l, missing, 0, 0);
  return value;
}

static void refuse_bad_sender(struct list const *l, char const *sender)
{
  if (list_sender_is_bounce(field_of(sender))) list_die(LIST_REFUSED, l, "ERR_BOUNCE", 0, 0);
  if (list_sender_is_anonymous(field_of(sender))) list_die(LIST_REFUSED, l, "ERR_ANONYMOUS", 0, 0);
}

static bool is_word(struct field f, char const *word)
{
  return f.len == strlen(word) && !strncasecmp(f.s, word, f.len);
}

bool deciding_read(struct moderation_action *a, struct list const *l, char const *yes, char const *no)
{
  char const *sender = variable(l, "SENDER", "ERR_NOSENDER");
  char const *local = variable(l, "LOCAL", "ERR_NOLOCAL");
  char const *rest = variable(l, "DEFAULT", "ERR_NODEFAULT");
  refuse_bad_sender(l, sender);
  bool is_one = moderation_read(a, field_of(local), field_of(rest)) && (is_word(a->word, yes) || is_word(a->word, no));
  if (!is_one || !moderation_cookie_is(a, l)) list_die(LIST_REFUSED, l, "ERR_MOD_COOKIE", 0, 0);
  return is_word(a->word, yes);
}

int deciding_open(struct list const *l, enum moderation_place place, char const *name)
{
  char path[MOD_PATH_MAX];
  moderation_path(path, place, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT) list_die_system(l, "ERR_OPEN", path);
  return fd;
}

void deciding_run(struct list const *l, struct list_command const *c, int message)
{
  stralloc sender = STRALLOC_ZERO;
  moderation_sender(&sender, l, message);
  if (setenv("SENDER", text_z(&sender), 1) == -1) list_die_system(l, "ERR_NOMEM", 0);
  int code = list_child_verdict(l, list_run(l, c, message));
  if (code) _exit(code);
  stralloc_free(&sender);
}

void deciding_command(struct list_command *c, struct list const *l, char const *const *words, char const *const *otherwise)
{
  if (*words) {
    list_command_given(c, words);
    return;
  }
  list_command_add(c, list_program(*otherwise));
  while (*++otherwise)
    if (**otherwise) list_command_add(c, *otherwise);
  list_command_add(c, list_here(l));
}
