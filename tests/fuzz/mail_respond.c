/* What a robot makes of a message: the sender, a newline, a text with its header, a NUL, the message. The same answer
   twice; and no answer is answered, whatever it was made of. */

#include "fuzz.h"

#include <sys/uio.h>

#include "address.h"
#include "respond_judge.h"
#include "respond_quote.h"
#include "respond_reply.h"
#include "text.h"
#include "utf8.h"

#define OWN "robot@example.net"

struct letter { struct mail_header header; stralloc body; };

static struct part rest;

static ssize_t read_rest(int fd, struct iovec const *v, unsigned count)
{
  (void)fd, (void)count;
  size_t n = v->iov_len < rest.len ? v->iov_len : rest.len;
  if (n) memcpy(v->iov_base, rest.s, n);
  rest.s += n;
  rest.len -= n;
  return (ssize_t)n;
}

static struct letter letter_read(struct part in)
{
  static char space[256];
  struct letter l = { MAIL_HEADER_ZERO, STRALLOC_ZERO };
  buffer b;
  char c;
  rest = in;
  buffer_init(&b, read_rest, 0, space, sizeof space);
  assert(mail_header_read(&l.header, &b) == MAIL_HEADER_OK);
  text_addb(&l.body, l.header.body_start.s, l.header.body_start.len);
  while (buffer_get(&b, &c, 1) == 1) text_addc(&l.body, c);
  return l;
}

static void letter_free(struct letter *l)
{
  stralloc_free(&l->header.text);
  stralloc_free(&l->header.body_start);
  genalloc_free(struct mail_header_field, &l->header.fields);
  stralloc_free(&l->body);
}

static size_t count_fields(struct mail_header const *h, char const *name)
{
  size_t count = 0;
  for (size_t i = 0; i < mail_header_count(h); i++) {
    struct mail_header_field const *f = mail_header_field(h, i);
    count += f->name_len == strlen(name) && strncasecmp(h->text.s + f->begin, name, f->name_len) == 0;
  }
  return count;
}

static struct field text_field(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

static void check_answer(struct letter const *text, struct letter const *original, struct field sender)
{
  stralloc quoted = STRALLOC_ZERO, answer = STRALLOC_ZERO;
  char const *why;
  respond_quote(&quoted, &original->header, text_field(&original->body));
  assert(utf8_is(quoted.s, quoted.len) && !holds(quoted.s, quoted.len, 0));
  struct respond_reply const reply = {
    .text = &text->header, .body = text_field(&text->body), .original = &original->header, .quoted = text_field(&quoted),
    .to = sender, .from = { OWN, strlen(OWN) }, .now = 1000000000
  };
  respond_reply_add(&answer, &reply);
  struct letter parsed = letter_read((struct part){ answer.s, answer.len });
  assert(parsed.header.has_body && respond_judge_header(&why, &parsed.header) == RESPOND_LOOP);
  assert(count_fields(&parsed.header, "To") == 1 && count_fields(&parsed.header, "Auto-Submitted") == 1);
  assert(count_fields(&parsed.header, "Message-ID") == 1 && count_fields(&parsed.header, "In-Reply-To") <= 1);
  assert(count_fields(&parsed.header, "From") >= 1 && count_fields(&parsed.header, "Subject") >= 1);
  assert(parsed.body.len >= text->body.len);
  letter_free(&parsed);
  stralloc_free(&quoted);
  stralloc_free(&answer);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), sender = part_before(&in, '\n'), words = part_before(&in, 0);
  struct letter text = letter_read(words), original = letter_read(in);
  struct field from = { sender.s, sender.len }, own = { OWN, strlen(OWN) };
  char const *why = 0, *again = 0;
  assert(respond_judge_header(&why, &original.header) == respond_judge_header(&again, &original.header) && why == again);
  if (respond_judge_sender(&why, from, own) == RESPOND_ANSWER) {
    assert(sender.len && sender.len <= ADDRESS_MAX && holds(sender.s, sender.len, '@') && !holds(sender.s, sender.len, '\n'));
    check_answer(&text, &original, from);
  }
  letter_free(&text);
  letter_free(&original);
  return 0;
}
