#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "refuse.h"

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

static void put_line(void)
{
  char digits[SIZE_FMT];
  if (!at_line) return;
  buffer_puts(buffer_1, "line ");
  buffer_put(buffer_1, digits, size_fmt(digits, at_line));
  buffer_puts(buffer_1, ": ");
}

_Noreturn void refuse_saying(enum vcode code, char const *text)
{
  buffer_puts(buffer_1, "Error: ");
  put_line();
  buffer_puts(buffer_1, text);
  buffer_puts(buffer_1, "\n");
  refuse_quietly(code);
}

_Noreturn void refuse_in_words(int status, char const *text)
{
  buffer_puts(buffer_1, text);
  buffer_puts(buffer_1, "\n");
  buffer_flush(buffer_1);
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
