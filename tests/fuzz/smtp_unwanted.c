/* A list of unwanted addresses up to a NUL, and an address. What any line fits, a line with ! spares; a pattern fits as the
   simplest matcher has it. */

#include "fuzz.h"

#include "unwanted.h"

static bool fits(char a, char b)
{
  return a == '?' || nameset_same(&a, &b, 1);
}

/* By a table: which beginnings of the text the pattern so far fits. */
static bool simply(struct part p, struct part s)
{
  bool *now = calloc(s.len + 1, 1);
  now[0] = true;
  for (size_t i = 0; i < p.len; i++) {
    bool before = now[0];
    if (p.s[i] != '*') now[0] = false;
    for (size_t k = 1; k <= s.len; k++) {
      bool old = now[k];
      now[k] = p.s[i] == '*' ? old || now[k - 1] : before && fits(p.s[i], s.s[k - 1]);
      before = old;
    }
  }
  bool r = now[s.len];
  free(now);
  return r;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part name = whole(data, size), lines = part_before(&name, 0);
  struct unwanted u = { .names = NAMESET_ZERO }, spared = { .names = NAMESET_ZERO };
  static char const all[] = "\n!*\n";
  if (size > 2000) return 0;
  char *more = malloc(lines.len + sizeof all);
  if (lines.len) memcpy(more, lines.s, lines.len);
  memcpy(more + lines.len, all, sizeof all);
  assert(nameset_list(&u.names, lines.s, lines.len) && nameset_list(&spared.names, more, lines.len + sizeof all - 1));
  int r = unwanted_has(&u, name.s, name.len);
  assert((r == 0 || r == 1) && unwanted_has(&spared, name.s, name.len) == 0);
  assert(unwanted_looks_like(lines.s, lines.len, name.s, name.len) == simply(lines, name));
  free(more), free(u.tried), free(spared.tried);
  nameset_free(&u.names), nameset_free(&spared.names);
  return 0;
}
