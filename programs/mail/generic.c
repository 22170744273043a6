#include <string.h>
#include <strings.h>

#include "address.h"
#include "control.h"
#include "generic.h"
#include "people_fields.h"
#include "rewrite.h"
#include "text.h"

/* "@host" takes the place of the host alone. */
static bool put(stralloc *address, size_t at, struct field to)
{
  if (!to.len || !memchr(to.s, '@', to.len) || to.s[to.len - 1] == '@') return false;
  if (*to.s == '@') address->len = at;
  else address->len = 0;
  text_addb(address, to.s, to.len);
  return true;
}

static bool try(stralloc *address, size_t at, struct nameset const *map, char const *name, size_t len)
{
  struct field to;
  return nameset_find(map, name, len, &to) == 1 && put(address, at, to);
}

bool generic_find(stralloc *address, struct nameset const *map, struct nameset const *locals)
{
  size_t at = address_at(address->s, address->len);
  if (!at || at + 1 >= address->len) return false;
  if (try(address, at, map, address->s, address->len)) return true;
  bool ours = nameset_has(locals, address->s + at + 1, address->len - at - 1);
  if (ours && try(address, at, map, address->s, at)) return true;
  return try(address, at, map, address->s + at, address->len - at);
}

/* ---- headers ---- */

struct names { struct nameset const *map, *locals; };

static bool rename_one(struct people_address *a, char const *unfolded, void const *with)
{
  static stralloc plain = STRALLOC_ZERO;
  struct names const *names = with;
  size_t end = a->span.end;
  while (end > a->span.first && a->tokens[end - 1].kind == TOKEN_COMMENT) end--;
  if (end == a->span.first) return false;
  rewrite_plain(&plain, a->tokens, a->span);
  if (!generic_find(&plain, names->map, names->locals)) return false;
  a->begin = (size_t)(a->tokens[a->span.first].s - unfolded);
  a->end = (size_t)(a->tokens[end - 1].s - unfolded) + a->tokens[end - 1].len;
  while (!address_quote(&a->instead, plain.s, plain.len)) memory_gone();
  return true;
}

static bool is_resent(char const *header, size_t len)
{
  static char const mark[] = "Resent-";
  for (size_t at = 0; at + strlen(mark) <= len; at++)
    if ((!at || header[at - 1] == '\n') && !strncasecmp(header + at, mark, strlen(mark))) return true;
  return false;
}

/* Who resends a message is not who wrote it. */
void generic_rename(stralloc *to, char const *header, size_t len, struct nameset const *map, struct nameset const *locals)
{
  static char const *const fields[] = { "From", "Sender", "Reply-To", "Errors-To", "Return-Receipt-To", 0 };
  static char const *const resent[] = { "Resent-From", "Resent-Sender", "Resent-Reply-To", 0 };
  struct names const names = { map, locals };
  struct people_fields const wanted = { .names = is_resent(header, len) ? resent : fields, .change = rename_one, .with = &names };
  people_fields_change(to, header, len, &wanted);
}

/* ---- by the control files ---- */

static struct nameset by_files = NAMESET_ZERO, ours = NAMESET_ZERO;

bool generic_load(char const **culprit)
{
  static struct control const map[] = { { "genericfrom", CONTROL_MAP, &by_files, 0 }, { 0 } };
  static struct control const locals[] = { { "locals", CONTROL_NAMES, &ours, CONTROL_ME }, { 0 } };
  static bool known = false;
  known = known || (control_load(map, culprit) && (!by_files.count || control_load(locals, culprit)));
  return known;
}

bool generic_is_used(void)
{
  return by_files.count;
}

bool generic_replace(stralloc *address)
{
  return by_files.count && generic_find(address, &by_files, &ours);
}

void generic_replace_in_header(stralloc *to, char const *header, size_t len)
{
  generic_rename(to, header, len, &by_files, &ours);
}
