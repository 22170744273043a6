/* Who calls for his mail: what qmail-seriald takes for a question goes over again as it is, and no word of a line, nor any list of
   domains, leads to a directory but one of those that the line names. */

#include "fuzz.h"

#include "turn_places.h"
#include "turn_wire.h"

static void goes_over(struct turn const *t)
{
  struct turn again;
  char question[TURN_QUESTION_MAX];
  size_t len = turn_question_pack(question, t);
  assert(len && turn_question_unpack(&again, question, len) == (long)len);
  assert(field_same(again.login, t->login) && field_same(again.domains, t->domains) && field_same(again.client, t->client) && again.secret == t->secret);
}

static void leads_nowhere_else(struct field words, struct field domains)
{
  static stralloc hosts = STRALLOC_ZERO;
  if (domains.len && !turn_domains_read(domains)) return;
  if (turn_places(&hosts, words, domains) != 1) return;
  assert(hosts.len);
  for (size_t at = 0; at < hosts.len; at += strlen(hosts.s + at) + 1) {
    char const *host = hosts.s + at;
    assert(*host && *host != '.' && *host != '-' && !strchr(host, '/') && strlen(host) <= 255);
    assert(turn_place_is_named(words, host));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct turn t;
  enum turn_said said;
  struct part in = whole(data, size), domains = part_before(&in, '\n');
  if (turn_question_unpack(&t, (char const *)data, size) > 0) goes_over(&t);
  if (size && turn_said_read(&said, (char)*data)) assert(strchr("KNRZ", (int)said));
  leads_nowhere_else((struct field){ in.s, in.len }, (struct field){ domains.s, domains.len });
  return 0;
}
