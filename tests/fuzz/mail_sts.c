/* Records, policies, files of MTA-STS, domains, and lines about sessions: a byte that tells which, then bytes. What was understood is what may be, and a file is
   packed into the same bytes. */

#include "fuzz.h"

#include "sts_entry.h"
#include "tlsrpt.h"

static void record(struct part in)
{
  struct field id;
  if (!sts_record_id(&id, in.s, in.len)) return;
  assert(sts_is_record(in.s, in.len) && id.len && id.len <= STS_ID_MAX && id.s > in.s && id.s + id.len <= in.s + in.len);
}

static void policy(struct part in)
{
  static struct sts_policy p;
  if (!sts_policy_read(&p, in.s, in.len)) return;
  assert(p.mode < STS_MODES && p.max_age >= STS_AGE_MIN && p.max_age <= STS_AGE_MAX && p.len <= STS_PATTERNS_MAX && (p.len || p.mode == STS_NONE));
  for (size_t at = 0; at < p.len; at += strlen(p.patterns + at) + 1) {
    char const *pattern = p.patterns + at;
    assert(*pattern && at + strlen(pattern) < p.len && sts_allows(&p, pattern) == (*pattern != '*' || strchr(pattern, '.') != 0));
  }
}

static void entry(struct part in)
{
  static char again[STS_ENTRY_MAX];
  struct sts_entry e;
  if (!sts_entry_unpack(&e, in.s, in.len)) return;
  assert(same_bytes(again, sts_entry_pack(again, sizeof again, &e), in.s, in.len));
}

static void domain(struct part in)
{
  char name[STS_DOMAIN_MAX + 1], again[STS_DOMAIN_MAX + 1];
  char *text = malloc(in.len + 1);
  if (in.len) memcpy(text, in.s, in.len);
  text[in.len] = 0;
  if (sts_domain(name, text)) assert(sts_domain(again, name) && !strcmp(name, again) && !strchr(name, '/') && *name != '.');
  free(text);
}

static void line(struct part in)
{
  if (!tlsrpt_is_line(in.s, in.len)) return;
  size_t blanks = 0;
  for (size_t i = 0; i < in.len; i++) blanks += in.s[i] == ' ';
  assert(in.len <= TLSRPT_LINE_MAX && blanks == 4);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static void (*const kinds[])(struct part) = { record, policy, entry, domain, line };
  struct part in = whole(data, size);
  size_t kind = in.len ? part_byte(&in) % 5 : 0;
  kinds[kind](in);
  return 0;
}
