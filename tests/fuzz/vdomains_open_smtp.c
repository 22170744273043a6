/* The file of addresses from which users have logged in: a client's address up to a NUL, then the file. What is written has
   the client in it, once, and is read as the same; all other lines that are not too old are there. */

#include "bytes.h"
#include "fuzz.h"

#include "open_smtp.h"

enum { NOW = 1000, OLDEST = 500 };

static size_t lines(struct field text, uint64_t oldest, struct field but)
{
  struct open_smtp e;
  size_t n = 0;
  while (open_smtp_next(&e, &text)) {
    bool is_it = e.ip.len && same_bytes(e.ip.s, e.ip.len, but.s, but.len);
    n += !is_it && (!e.ip.len || e.time >= oldest);
  }
  return n;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc new = STRALLOC_ZERO, again = STRALLOC_ZERO;
  struct part in = whole(data, size), client = part_before(&in, 0);
  struct field const text = { in.s, in.len }, ip = open_smtp_ip((struct field){ client.s, client.len });
  new.len = again.len = 0;
  assert(open_smtp_write(&new, text, ip, NOW, OLDEST));
  struct field const written = { new.s, new.len };
  assert(!ip.len || open_smtp_find(written, ip) == NOW);
  assert(lines(written, 0, ip) == lines(text, OLDEST, ip));
  assert(open_smtp_write(&again, written, ip, NOW, OLDEST) && same_bytes(again.s, again.len, new.s, new.len));
  return 0;
}
