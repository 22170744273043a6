/* A message as programs take its header off: a byte for the pieces it is read in, the message. No byte
   but a CR at the end of a line is lost. */

#include "fuzz.h"

#include <sys/uio.h>

#include "mail_header.h"

static struct part rest;
static size_t piece;

static ssize_t read_piece(int fd, struct iovec const *v, unsigned count)
{
  (void)fd, (void)count;
  size_t n = v->iov_len < piece ? v->iov_len : piece;
  if (n > rest.len) n = rest.len;
  if (n) memcpy(v->iov_base, rest.s, n);
  rest.s += n;
  rest.len -= n;
  return (ssize_t)n;
}

/* What the reader left in its buffer and behind it. */
static struct part unread(buffer *b)
{
  return (struct part){ rest.s - buffer_len(b), rest.len + buffer_len(b) };
}

static void check_fields(struct mail_header const *h)
{
  size_t at = 0;
  for (size_t i = 0; i < mail_header_count(h); i++) {
    struct mail_header_field const *f = mail_header_field(h, i);
    assert(f->begin == at && f->end > f->begin && f->end <= h->text.len && h->text.s[f->end - 1] == '\n');
    assert(!memmem(h->text.s + f->begin, f->end - f->begin, "\r\n", 2));
    assert(f->name_len && f->name_len < f->body && f->body <= f->end - f->begin);
    for (size_t k = f->begin; k + 1 < f->end; k++)
      if (h->text.s[k] == '\n') assert(h->text.s[k + 1] == ' ' || h->text.s[k + 1] == '\t');
    at = f->end;
  }
  assert(at == h->text.len);
}

static size_t read_all(struct mail_header *h, struct part in, size_t pieces)
{
  static char space[256];
  buffer b;
  rest = in;
  piece = pieces;
  buffer_init(&b, read_piece, 0, space, sizeof space);
  assert(mail_header_read(h, &b) == MAIL_HEADER_OK);
  check_fields(h);
  return unread(&b).len + h->body_start.len;
}

static void header_free(struct mail_header *h)
{
  stralloc_free(&h->text);
  stralloc_free(&h->body_start);
  genalloc_free(struct mail_header_field, &h->fields);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct mail_header one = MAIL_HEADER_ZERO, many = MAIL_HEADER_ZERO;
  struct part in = whole(data, size);
  size_t pieces = 1 + part_byte(&in);
  size_t body = read_all(&one, in, sizeof(struct mail_header) + in.len);
  size_t many_body = read_all(&many, in, pieces);
  assert(many_body == body);
  assert(same_bytes(one.text.s, one.text.len, many.text.s, many.text.len) && one.has_body == many.has_body);
  assert(one.text.len + body + 1 + times(in.s, in.len, "\r") >= in.len);
  header_free(&one);
  header_free(&many);
  return 0;
}
