/* A message that a list's program may have to answer: it is kept or dropped, in however large pieces it is read. */

#include "fuzz.h"

#include <sys/uio.h>

#include "weed.h"

static struct part rest;
static size_t piece_len;

static ssize_t read_piece(int fd, struct iovec const *v, unsigned count)
{
  (void)fd, (void)count;
  size_t n = v->iov_len < piece_len ? v->iov_len : piece_len;
  if (n > rest.len) n = rest.len;
  if (n) memcpy(v->iov_base, rest.s, n);
  rest.s += n;
  rest.len -= n;
  return (ssize_t)n;
}

static enum weed_verdict judge(struct part message, size_t by)
{
  char space[BUFFER_INSIZE];
  buffer in = BUFFER_INIT(&read_piece, 0, space, sizeof space);
  struct mail_header header = MAIL_HEADER_ZERO;
  static struct line_pieces pieces;
  struct line_piece piece;
  struct weed w = { .verdict = WEED_OPEN };
  rest = message;
  piece_len = by;
  mail_header_read(&header, &in);
  weed_begin(&w, &header);
  line_pieces_begin(&pieces, &header.body_start, &in);
  while (w.verdict == WEED_OPEN && line_pieces_next(&pieces, &piece) == 1) weed_piece(&w, &piece);
  enum weed_verdict verdict = weed_end(&w);
  stralloc_free(&header.text);
  stralloc_free(&header.body_start);
  genalloc_free(struct mail_header_field, &header.fields);
  stralloc_free(&w.boundary);
  stralloc_free(&w.walk.head);
  return verdict;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  size_t by = part_byte(&in) + 1;
  enum weed_verdict one = judge(in, by), two = judge(in, 8192);
  assert(one == two && one != WEED_OPEN);
  return 0;
}
