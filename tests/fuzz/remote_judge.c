/* The output of a qmail-remote, whatever program stands in its place: exit code, number of recipients, the
   bytes. */

#include "fuzz.h"

#include "remote_judge.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct judgement j;
  struct part in = whole(data, size);
  int wstat = (int)part_byte(&in) << 8;
  size_t count = 1 + part_byte(&in) % 5;
  for (size_t i = 0; i < count; i++) {
    judge_recipient(&j, wstat, in.s, in.len, false, i, count);
    assert(j.len <= sizeof j.text && j.letter && strchr("KZD", j.letter) && j.outcome && strchr("ru-", j.outcome) && j.most <= WIRE_RECIPIENTS_MAX);
    if (wstat) assert(j.letter != 'K');
  }
  char const *name;
  size_t len = judge_where(&name, wstat, in.s, in.len);
  assert(len <= WIRE_DESTINATION_MAX && (!len || (name > in.s && name + len <= in.s + in.len)) && !(wstat && len));
  return 0;
}
