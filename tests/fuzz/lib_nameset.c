/* A control file as a set and as a map, a NUL, a name that is looked up. The plainest search through the
   lines must find the same. */

#include "fuzz.h"

#include <strings.h>

#include "nameset.h"

static struct part without_blanks(struct part p)
{
  while (p.len && (p.s[p.len - 1] == ' ' || p.s[p.len - 1] == '\t')) p.len--;
  return p;
}

static bool same_name(struct part a, struct part b)
{
  if (a.len != b.len) return false;
  for (size_t i = 0; i < a.len; i++) {
    char x = a.s[i] >= 'A' && a.s[i] <= 'Z' ? (char)(a.s[i] + 32) : a.s[i];
    char y = b.s[i] >= 'A' && b.s[i] <= 'Z' ? (char)(b.s[i] + 32) : b.s[i];
    if (x != y) return false;
  }
  return true;
}

static bool search(struct part file, bool is_map, struct part name, struct part *value)
{
  bool found = false;
  while (file.len) {
    struct part line = without_blanks(part_before(&file, '\n'));
    if (!line.len || line.s[0] == '#' || (is_map && !holds(line.s, line.len, ':'))) continue;
    struct part key = is_map ? part_before(&line, ':') : line;
    if (!same_name(key, name)) continue;
    found = true;
    *value = line;
  }
  return found;
}

static void compare(struct nameset const *set, struct part file, bool is_map, struct part name)
{
  struct part value;
  size_t len;
  bool found = search(file, is_map, name, &value);
  assert(nameset_has(set, name.s, name.len) == found);
  char const *s = nameset_value(set, name.s, name.len, &len);
  assert((s != 0) == found);
  if (found && is_map) assert(same_bytes(s, len, value.s, value.len));
}

static void compare_domain(struct nameset const *set, struct part file, bool is_map, struct part name)
{
  struct part value, suffix = name;
  struct field found;
  size_t len;
  for (size_t i = 0; i < name.len; i++) {
    suffix = (struct part){ name.s + i, name.len - i };
    if ((i == 0 || name.s[i] == '.') && search(file, is_map, suffix, &value)) {
      assert(nameset_find_domain(set, name.s, name.len, &found) == 1);
      assert(nameset_value(set, suffix.s, suffix.len, &len) == found.s && len == found.len);
      return;
    }
  }
  assert(!nameset_find_domain(set, name.s, name.len, &found));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part name = whole(data, size), file = part_before(&name, 0);
  struct nameset list = NAMESET_ZERO, map = NAMESET_ZERO;
  assert(nameset_list(&list, file.s, file.len) && nameset_map(&map, file.s, file.len));
  compare(&list, file, false, name);
  compare(&map, file, true, name);
  compare_domain(&list, file, false, name);
  compare_domain(&map, file, true, name);
  nameset_free(&list);
  nameset_free(&map);
  return 0;
}
