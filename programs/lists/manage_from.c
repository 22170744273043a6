#include <string.h>

#include "cookie.h"
#include "list_file.h"
#include "list_lines.h"
#include "list_words.h"
#include "manage_from.h"
#include "number.h"
#include "replace.h"
#include "text.h"

static char const file[] = "from", aside[] = "from.new";

struct waiting { uint64_t when; struct field address, from; };

static bool read_line(struct waiting *w, struct field line)
{
  char const *nul = line.len ? memchr(line.s, 0, line.len) : 0;
  size_t const digits = number_scan(line.s, line.len, &w->when);
  if (!nul || !digits || line.s[digits] != ' ') return false;
  w->address = (struct field){ line.s + digits + 1, (size_t)(nul - line.s) - digits - 1 };
  w->from = (struct field){ nul + 1, line.len - (size_t)(nul - line.s) - 1 };
  return true;
}

bool manage_from_find(stralloc *to, struct field lines, uint64_t when, struct field address)
{
  struct field line;
  struct waiting w;
  while (list_line_any(&line, &lines))
    if (read_line(&w, line) && w.when == when && field_same(w.address, address)) {
      text_addb(to, w.from.s, w.from.len);
      return true;
    }
  return false;
}

void manage_from_lines(stralloc *to, struct field lines, uint64_t now, struct field address, struct field from)
{
  struct field line;
  struct waiting w;
  to->len = 0;
  while (list_line_any(&line, &lines)) {
    if (!read_line(&w, line) || w.when > now || now - w.when > COOKIE_LIFE || lines.len > MANAGE_FROM_MAX) continue;
    text_addb(to, line.s, line.len);
    text_add(to, "\n");
  }
  text_addu(to, now), text_add(to, " "), text_addb(to, address.s, address.len), text_end(to);
  text_addb(to, from.s, from.len), text_add(to, "\n");
}

bool manage_from_look(stralloc *to, uint64_t when, struct field address)
{
  stralloc lines = STRALLOC_ZERO;
  bool const found = list_file_read(&lines, file, LIST_FILE_MAX) == 1 &&
    manage_from_find(to, (struct field){ lines.s, lines.len }, when, address);
  stralloc_free(&lines);
  return found;
}

void manage_from_add(uint64_t now, struct field address, struct field from)
{
  stralloc lines = STRALLOC_ZERO, after = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  bool const read = list_file_read(&lines, file, LIST_FILE_MAX) != -1;
  manage_from_lines(&after, (struct field){ lines.s, lines.len }, now, address, from);
  if (!read || !replace_begin(&r, file, aside, 0600) || !replace_write(&r, after.s, after.len) || !replace_commit(&r))
    list_warn_system(0, "ERR_WRITE", file);
  stralloc_free(&lines), stralloc_free(&after);
}
