#include <skalibs/buffer.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <string.h>

#include "show.h"

static void put(char const *s, size_t len)
{
  if (buffer_put(buffer_1, s, len) < (ssize_t)len) strerr_diefusys(111, "write standard output");
}

void show_string(char const *s)
{
  put(s, strlen(s));
}

void show_number(size_t n)
{
  char digits[SIZE_FMT];
  put(digits, size_fmt(digits, n));
}

void show_text(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    put(c < 32 || c > 126 ? "?" : s + i, 1);
  }
}

void show_problems(struct findings const *findings)
{
  for (size_t i = 0; i < findings->count; i++) {
    struct finding const *f = findings->list + i;
    if (f->is_note) continue;
    show_string(f->where);
    if (f->line) {
      show_string(":");
      show_number(f->line);
    }
    show_string(": ");
    show_text(f->text, strlen(f->text));
    show_string("\n");
  }
}
