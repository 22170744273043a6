/* A line of a domain as JSON: what is read is written so that it is read as the same. */

#include "fuzz.h"

#include "domain_json.h"

static void same(struct field a, struct field b)
{
  assert(same_bytes(a.s, a.len, b.s, b.len));
}

static void same_record(struct vpasswd const *a, struct vpasswd const *b)
{
  same(a->name, b->name);
  same(a->hash, b->hash);
  same(a->clear, b->clear);
  same(a->comment, b->comment);
  same(a->quota, b->quota);
  assert(a->uid == b->uid && a->flags == b->flags && a->has_clear == b->has_clear);
}

static void there_and_back(struct domain_line const *one)
{
  stralloc text = STRALLOC_ZERO;
  struct domain_line again;
  domain_json_add(&text, one);
  assert(domain_json_read(&again, text.s, text.len - 1) == DOMAIN_JSON_OK);
  assert(again.kind == one->kind && again.count == one->count);
  same(one->name, again.name);
  same(one->text, again.text);
  same(one->host, again.host);
  same_record(&one->record, &again.record);
  domain_json_free(&again);
  stralloc_free(&text);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct domain_line line;
  if (domain_json_read(&line, in.s, in.len) == DOMAIN_JSON_OK) there_and_back(&line);
  domain_json_free(&line);
  return 0;
}
