#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "refuse.h"
#include "saying.h"
#include "text.h"

#define ERROR "Error: "

enum { ANY_FAILURE = 255 };

static bool old_status_is_wanted(void)
{
  char const *wanted = getenv("VPOPMAIL_EXIT");
  return wanted && strcmp(wanted, "old") == 0;
}

_Noreturn void refuse_quietly(enum vcode code)
{
  buffer_flush(buffer_1);
  _exit(vcode_exit(code, old_status_is_wanted()));
}

static size_t at_line = 0;

void refuse_at_line(size_t line)
{
  at_line = line;
}

static void add_line(stralloc *to)
{
  if (!at_line) return;
  text_add(to, "line ");
  text_addu(to, at_line);
  text_add(to, ": ");
}

_Noreturn void refuse_saying(enum vcode code, char const *text)
{
  stralloc sentence = STRALLOC_ZERO;
  if (!saying_is_json()) text_add(&sentence, ERROR);
  add_line(&sentence);
  text_add(&sentence, text);
  saying("error", text_z(&sentence));
  refuse_quietly(code);
}

void refuse_text(char const *text)
{
  size_t const len = strlen(ERROR);
  saying("error", saying_is_json() && !strncmp(text, ERROR, len) ? text + len : text);
}

_Noreturn void refuse_in_words(int status, char const *text)
{
  refuse_text(text);
  _exit(old_status_is_wanted() ? ANY_FAILURE : status);
}

_Noreturn void refuse(enum vcode code)
{
  refuse_saying(code, vcode_text(code));
}

void refuse_unless_ok(enum vcode code)
{
  if (code != VCODE_OK) refuse(code);
}

void refuse_unless_root(void)
{
  if (geteuid() != 0) strerr_dief(100, "only root can do this");
}
