/* Names: an address and its parts agree, what may be made can be, and no name leads out of its directory. Input: an
   address; behind a NUL, lines of ip_alias_map. */

#include "bytes.h"
#include "fuzz.h"

#include "vname.h"

static void rejoined(struct part in, stralloc const *user, stralloc const *domain)
{
  assert(in.len == user->len + domain->len || in.len == user->len + domain->len + 1);
  assert(!domain->len || strchr("@%/", in.s[user->len]));
  if (!holds(in.s, in.len, '@') && !holds(in.s, in.len, '%')) assert(!holds(user->s, user->len, '/'));
}

static void judged(char const *s, size_t len)
{
  static stralloc file = STRALLOC_ZERO;
  if (vname_user(s, len)) assert(vname_new_user(s, len, true) && vname_dotqmail(&file, s, len));
  if (!vname_new_user(s, len, true)) {
    assert(!vname_new_user(s, len, false) && !vname_dotqmail(&file, s, len));
    assert(len > 1 && len <= VNAME_USER_MAX && s[0] != '.' && !holds(s, len, '/'));
    assert(file.len == len + strlen(".qmail-") && !holds(file.s + 1, file.len - 1, '.') && !file.s[file.len]);
  }
  if (!vname_new_domain(s, len)) {
    assert(!vname_domain(s, len) && !times(s, len, "..") && !holds(s, len, '/') && holds(s, len, '.'));
    assert(len <= VNAME_DOMAIN_MAX && s[0] != '.' && s[len - 1] != '.');
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc user = STRALLOC_ZERO, domain = STRALLOC_ZERO;
  struct part map = whole(data, size), in = part_before(&map, 0);
  assert(vname_split(&user, &domain, in.s, in.len));
  rejoined(in, &user, &domain);
  judged(user.s, user.len);
  judged(domain.s, domain.len);
  assert(bytes_z(&user));
  struct vname_defaults from = { .local_ip = "192.0.2.1", .map = map.s, .map_len = map.len, .file = in.s, .file_len = in.len };
  assert(vname_default_domain(&domain, &from));
  assert(!holds(domain.s, domain.len, ' ') && !holds(domain.s, domain.len, '\n'));
  from.domain = user.s;
  assert(vname_default_domain(&domain, &from));
  if (*user.s) assert(domain.len == strlen(user.s) && !holds(domain.s, domain.len, '/') && !holds(domain.s, domain.len, '\n'));
  return 0;
}
