/* An address field: read, completed and written; read again it has the same addresses and is written the same
   way. Never does what is written begin a header line of its own. An address taken out of the list, not completed, is
   as a raw address completed to the same. */

#include "fuzz.h"

#include "address.h"
#include "addrlist.h"
#include "rewrite.h"
#include "text.h"
#include "unparse.h"

static struct rewrite_rules rules;

static void set_rules(void)
{
  if (rules.host.len) return;
  text_set(&rules.host, "h");
  text_set(&rules.domain, "d.org");
  text_set(&rules.plus, "org");
}

/* The list written as a field, and its addresses as the envelope has them. */
static bool pass(struct part in, stralloc *field, stralloc *addresses)
{
  static struct addrlist list = ADDRLIST_ZERO;
  static stralloc text = STRALLOC_ZERO;
  text.len = field->len = addresses->len = 0;
  token_unfold(&text, in.s, in.len);
  if (addrlist_parse(&list, text.s, text.len) != ADDRLIST_OK) return false;
  unparse(field, "To", 2, &list, &rules);
  for (size_t i = 0; i < addrlist_count(&list); i++) {
    rewrite_address(0, addresses, &rules, genalloc_s(struct token, &list.tokens), *addrlist_span(&list, i));
    text_addc(addresses, 0);
  }
  return true;
}

static void check_lines(stralloc const *field)
{
  assert(field->s[field->len - 1] == '\n');
  assert(!holds(field->s, field->len, '\r') && !holds(field->s, field->len, 0));
  for (size_t i = 0; i + 1 < field->len; i++)
    if (field->s[i] == '\n') assert(field->s[i + 1] == ' ');
}

/* A raw address, as on a command line. */
static void check_raw(struct part in)
{
  static stralloc header = STRALLOC_ZERO, envelope = STRALLOC_ZERO, field = STRALLOC_ZERO, again = STRALLOC_ZERO;
  if (!rewrite_raw(&header, &envelope, &rules, in.s, in.len) || !header.len) return;
  assert(pass((struct part){ header.s, header.len }, &field, &again));
  assert(same_bytes(again.s, again.len - 1, envelope.s, envelope.len));
}

/* Whether a raw address can say it: a domain is never quoted, line ends are refused, and box and domain that together
   look like an encoded word are one. */
static bool sayable(stralloc const *raw, struct token const *tokens, struct addrlist_span span)
{
  if (holds(raw->s, raw->len, '\r') || holds(raw->s, raw->len, '\n')) return false;
  if (raw->len && memmem(raw->s, raw->len, "=?", 2)) return false;
  bool domain = false;
  for (size_t i = span.first; i < span.end; i++) {
    struct token const *t = &tokens[i];
    bool plain = t->kind != TOKEN_QUOTED && t->kind != TOKEN_LITERAL && t->kind != TOKEN_ENCODED;
    if (domain && (!plain || holds(t->s, t->len, '\\'))) return false;
    domain = domain || t->kind == TOKEN_AT;
  }
  return true;
}

static void check_plain(struct part in)
{
  static struct addrlist list = ADDRLIST_ZERO;
  static stralloc raw = STRALLOC_ZERO, header = STRALLOC_ZERO, again = STRALLOC_ZERO, envelope = STRALLOC_ZERO;
  if (holds(in.s, in.len, '\r') || addrlist_parse(&list, in.s, in.len) != ADDRLIST_OK) return;
  struct token const *tokens = genalloc_s(struct token const, &list.tokens);
  for (size_t i = 0; i < addrlist_count(&list); i++) {
    envelope.len = 0;
    rewrite_address(0, &envelope, &rules, tokens, *addrlist_span(&list, i));
    rewrite_plain(&raw, tokens, *addrlist_span(&list, i));
    if (!sayable(&raw, tokens, *addrlist_span(&list, i))) continue;
    assert(rewrite_raw(&header, &again, &rules, raw.s, raw.len));
    assert(same_bytes(envelope.s, envelope.len, again.s, again.len));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc field = STRALLOC_ZERO, addresses = STRALLOC_ZERO;
  static stralloc field2 = STRALLOC_ZERO, addresses2 = STRALLOC_ZERO;
  struct part in = whole(data, size);
  set_rules();
  check_raw(in);
  check_plain(in);
  if (!pass(in, &field, &addresses)) return 0;
  check_lines(&field);
  assert(pass((struct part){ field.s + 3, field.len - 3 }, &field2, &addresses2));
  assert(same_bytes(addresses.s, addresses.len, addresses2.s, addresses2.len));
  assert(same_bytes(field.s, field.len, field2.s, field2.len));
  return 0;
}
