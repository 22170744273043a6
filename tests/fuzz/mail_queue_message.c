/* A file of the queue. The first byte says how much of its footer is put right before it is read: a fuzzer
   finds no checksums. */

#include "fuzz.h"

#include <skalibs/uint32.h>
#include <skalibs/uint64.h>

#include "checksum.h"
#include "queue_message.h"

enum { RIGHT_MAGIC = 1, RIGHT_LENGTHS = 2, RIGHT_ENVELOPE = 4 };

static void read_file(int fd)
{
  static stralloc envelope = STRALLOC_ZERO;
  struct queue_message m = { .fd = fd };
  struct queue_record r;
  if (queue_message_footer(&m) != QUEUE_READ) return;
  if (m.checked) assert(m.due[0] <= QUEUE_DUE_MAX || m.due[0] == QUEUE_NEVER);
  queue_message_verify(&m);
  if (queue_message_envelope(&m, &envelope) != QUEUE_READ) return;
  size_t at = 0, senders = 0;
  while (queue_envelope_next(&envelope, &at, &r)) {
    assert(r.offset < envelope.len && r.text + r.len < envelope.s + envelope.len && !r.text[r.len]);
    senders += r.letter == 'F';
    assert(r.letter != 'K');
  }
  assert(at == envelope.len && senders == 1);
}

/* Ks and Ds count as Ts, as queue_message.h says. */
static uint32_t checksum_of_envelope(char const *s, size_t len)
{
  uint32_t sum = 0;
  for (size_t i = 0; i < len; i++) {
    bool letter = i == 0 || !s[i - 1];
    sum = checksum(sum, letter && (s[i] == 'D' || s[i] == 'K') ? "T" : s + i, 1);
  }
  return sum;
}

static void put_right(char *s, size_t len, unsigned how)
{
  char *footer = s + len - QUEUE_FOOTER;
  size_t body = len - QUEUE_FOOTER;
  if (how & RIGHT_MAGIC) memcpy(footer, "mailtree\1\0\0\0", 12);
  if (how & RIGHT_LENGTHS) {
    size_t message = body ? (unsigned char)footer[16] % (body + 1) : 0;
    uint64_pack(footer + 16, message);
    uint64_pack(footer + 24, body - message);
    if (how & RIGHT_ENVELOPE) uint32_pack(footer + 40, checksum_of_envelope(s + message, body - message));
  }
  if (how & RIGHT_MAGIC) uint32_pack(footer + 44, checksum(0, footer, 44));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static int fd = -1;
  struct part in = whole(data, size);
  unsigned how = part_byte(&in);
  if (fd == -1) fd = file_new();
  char *copy = malloc(in.len + 1);
  if (in.len) memcpy(copy, in.s, in.len);
  queue_envelope_valid(in.s, in.len);
  if (in.len >= QUEUE_FOOTER) put_right(copy, in.len, how);
  file_fill(fd, copy, in.len);
  read_file(fd);
  free(copy);
  return 0;
}
