#include "fixed.h"
#include "text.h"
#include "zsendmail.h"

static void add_word(stralloc *to, char const *before, struct field word)
{
  text_add(to, before);
  text_addb(to, word.s, word.len);
}

static void add_number(stralloc *to, char const *before, uint64_t number)
{
  text_add(to, before);
  text_addu(to, number);
}

static void add_seconds(stralloc *to, char const *before, struct field from, struct field until)
{
  text_add(to, before);
  fixed_add(to, record_seconds(from, until), 6);
}

static void delivery(stralloc *to, struct record const *r)
{
  static char const *const words[ATTEMPTS] = { "Sent", "Failed", "Deferred" };
  add_word(to, "", r->done);
  add_word(to, " qp ", r->qp);
  add_word(to, ": to=", r->recipient);
  add_word(to, ", uid=", r->uid);
  add_seconds(to, ", ddelay=", r->birth, r->done);
  add_seconds(to, ", xdelay=", r->start, r->done);
  text_add(to, ", stat=");
  text_add(to, words[r->result]);
  add_word(to, " (", r->reason);
  text_addc(to, ')');
}

static void message(stralloc *to, struct record const *r)
{
  add_word(to, "", r->done);
  add_word(to, " qp ", r->qp);
  add_word(to, ": from=", r->sender);
  add_word(to, ", uid=", r->uid);
  add_number(to, ", size=", r->bytes);
  add_number(to, ", nrcpts=", r->count[ATTEMPT_SUCCESS] + r->count[ATTEMPT_FAILURE]);
  add_number(to, ", deferrals=", r->count[ATTEMPT_DEFERRAL]);
  add_seconds(to, ", qtime=", r->birth, r->done);
}

void zsendmail_line(stralloc *to, struct record const *record, struct field line)
{
  switch (record->kind) {
    case RECORD_DELIVERY: delivery(to, record); break;
    case RECORD_MESSAGE: message(to, record); break;
    default: text_addb(to, line.s, line.len);
  }
}
