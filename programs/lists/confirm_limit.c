#include <string.h>

#include "confirm_limit.h"
#include "list_environment.h"
#include "list_file.h"
#include "list_lines.h"
#include "list_words.h"
#include "number.h"
#include "replace.h"
#include "surf.h"
#include "text.h"

static char const file[] = "confirms", aside[] = "confirms.new";

/* "TIME HASH" of the last hour; what is in the future was written before the clock was set right, and would stay. */
static bool read_line(struct field line, uint64_t now, uint64_t *when, char const **hash)
{
  size_t const digits = number_scan(line.s, line.len, when);
  if (!digits || line.len != digits + 1 + SURF_LETTERS || line.s[digits] != ' ') return false;
  *hash = line.s + digits + 1;
  return *when <= now && now - *when < CONFIRM_HOUR;
}

enum confirm_limit confirm_limit_of(struct field lines, char const *hash, uint64_t now)
{
  struct field line;
  uint64_t when;
  char const *of;
  unsigned lately = 0;
  while (list_line_next(&line, &lines)) {
    if (!read_line(line, now, &when, &of)) continue;
    if (!memcmp(of, hash, SURF_LETTERS)) return CONFIRM_ASKED;
    lately += now - when < CONFIRM_MINUTE;
  }
  return lately < CONFIRMS_A_MINUTE ? CONFIRM_MAY : CONFIRM_BUSY;
}

void confirm_limit_lines(stralloc *to, struct field lines, char const *hash, uint64_t now, bool added)
{
  struct field line;
  uint64_t when;
  char const *of;
  to->len = 0;
  while (list_line_next(&line, &lines)) {
    if (!read_line(line, now, &when, &of) || !memcmp(of, hash, SURF_LETTERS)) continue;
    text_addb(to, line.s, line.len);
    text_add(to, "\n");
  }
  if (!added) return;
  text_addu(to, now), text_add(to, " "), text_addb(to, hash, SURF_LETTERS), text_add(to, "\n");
}

/* ---- the file ---- */

/* surf_loose passes over the case of an address, as tables do. */
static void hash_of(char hash[SURF_LETTERS], struct confirm_question const *q)
{
  stralloc all = STRALLOC_ZERO;
  text_add(&all, q->table), text_end(&all);
  text_add(&all, q->text), text_end(&all);
  text_addb(&all, q->address.s, q->address.len);
  surf_loose(hash, all.s, all.len);
  stralloc_free(&all);
}

static struct field read_lines(stralloc *lines)
{
  if (list_file_read(lines, file, LIST_FILE_MAX) == -1) list_die_system(0, "ERR_READ", file);
  return (struct field){ lines->s, lines->len };
}

enum confirm_limit confirm_limit_look(struct confirm_question const *q, uint64_t now)
{
  stralloc lines = STRALLOC_ZERO;
  char hash[SURF_LETTERS];
  if (!list_is_for_mail()) return CONFIRM_MAY;
  hash_of(hash, q);
  enum confirm_limit const said = confirm_limit_of(read_lines(&lines), hash, now);
  stralloc_free(&lines);
  return said;
}

void confirm_limit_note(struct confirm_question const *q, uint64_t now, bool asked)
{
  stralloc lines = STRALLOC_ZERO, after = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  char hash[SURF_LETTERS];
  if (asked && !list_is_for_mail()) return;
  hash_of(hash, q);
  struct field const before = read_lines(&lines);
  confirm_limit_lines(&after, before, hash, now, asked);
  bool const same = after.len == before.len && (!after.len || !memcmp(after.s, before.s, after.len));
  if (!same && (!replace_begin(&r, file, aside, 0600) || !replace_write(&r, after.s, after.len) || !replace_commit(&r)))
    list_warn_system(0, "ERR_WRITE", file);
  stralloc_free(&lines), stralloc_free(&after);
}
