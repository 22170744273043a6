/* Lines in which somebody asks something of a list, and maps of sublists. */

#include "fuzz.h"

#include "list_request.h"
#include "split_map.h"

static void check_clean(struct field f)
{
  for (size_t i = 0; i < f.len; i++) assert(f.s[i] > ' ' && f.s[i] < 127 && f.s[i] != '@' && f.s[i] != '=');
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc out = STRALLOC_ZERO;
  struct part rest = whole(data, size);
  struct part const first = part_before(&rest, '\n');
  struct field const head = { first.s, first.len };
  struct field sublist;
  struct list_request r;
  for (unsigned global = 0; global < 2; global++) {
    if (!list_request_scan(&r, head, global)) continue;
    if (r.is_address && !list_request_split(&r, (struct field){ "sos", 3 })) continue;
    check_clean(r.user.box), check_clean(r.user.host), check_clean(r.list.box), check_clean(r.list.host);
    out.len = 0;
    list_request_word(&out, r.word);
  }
  list_request_command(&r, head);
  out.len = 0;
  split_map_key(&out, head);
  if (split_map_find(&sublist, (struct field){ rest.s, rest.len }, head) == SPLIT_MAP_FOUND) assert(sublist.len && sublist.len <= rest.len);
  return 0;
}
