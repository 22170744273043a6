/* Foreign words in what the SMTP server writes: Received fields, replies made of a queue program's verdict;
   and its count of hops. HELO, NUL, verdict, NUL, message. */

#include "fuzz.h"

#include "hops.h"
#include "received.h"
#include "verdict.h"

static void check_received(struct part helo, char const *word)
{
  static stralloc field = STRALLOC_ZERO;
  struct received const r = {
    .remote_host = word, .remote_ip = "192.0.2.1", .local_host = word, .remote_info = word,
    .helo = helo.s, .helo_len = helo.len, .extended = true
  };
  field.len = 0;
  assert(received_field(&field, &r, 1));
  assert(times(field.s, field.len, "\n") == 2 && times(field.s, field.len, "\n  by ") == 1);
}

static void check_verdict(char const *text)
{
  static struct refusal_made made;
  assert(verdict_refusal(&made, text));
  assert(made.refusal.text == made.text.s && strlen(made.text.s) == made.text.len - 1 && !strpbrk(made.text.s, "\r\n"));
  assert(made.refusal.code == (*text == 'D' ? 554 : 451) && !memcmp(made.text.s, *text == 'D' ? "5." : "4.", 2));
}

static void check_hops(struct part message)
{
  struct hops one = { 0 }, many = { 0 };
  hops_take(&one, message.s, message.len);
  for (size_t i = 0; i < message.len; i++) hops_take(&many, message.s + i, 1);
  assert(one.count == many.count && one.in_body == many.in_body);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size), helo = part_before(&rest, 0), said = part_before(&rest, 0);
  char *word = strndup(said.len ? said.s : "", said.len);
  check_received(helo, word);
  if (*word) check_verdict(word);
  check_hops(rest);
  free(word);
  return 0;
}
