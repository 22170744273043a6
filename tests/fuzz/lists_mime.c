/* A Content-Type, an empty line, a body: what the walk keeps is a part of the body in its order, however long its lines are. */

#include "fuzz.h"

#include "mime_type.h"
#include "mime_walk.h"
#include "text.h"

static stralloc kept = STRALLOC_ZERO;
static size_t heads;

static bool keeps(void *arg, struct field value)
{
  struct mime_type type;
  (void)arg;
  mime_type_read(&type, value);
  assert(type.name.len <= value.len);
  return !mime_type_is(type.name, "text/");
}

static void put(void *arg, enum mime_what what, char const *s, size_t len)
{
  (void)arg;
  heads += what == MIME_HEAD;
  text_addb(&kept, s, len);
}

/* Each byte that was kept is one of the body, in the order there. */
static void check_order(struct part body)
{
  size_t at = 0;
  for (size_t i = 0; i < kept.len; i++, at++) {
    while (at < body.len && body.s[at] != kept.s[i]) at++;
    assert(at < body.len);
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size), value = part_before(&in, '\n'), body;
  struct mime_type type;
  stralloc boundary = STRALLOC_ZERO;
  mime_type_read(&type, (struct field){ value.s, value.len });
  bool has = mime_type_parameter(&boundary, (struct field){ value.s, value.len }, "boundary");
  assert(has == (boundary.len != 0) && boundary.len <= value.len);
  struct mime_walk w = { .boundary = { boundary.s, boundary.len }, .keeps = keeps, .put = put };
  kept.len = heads = 0;
  mime_walk_begin(&w);
  body = in;
  while (in.len) {
    struct part line = in;
    part_before(&in, '\n');
    line.len -= in.len;
    mime_walk_piece(&w, &(struct line_piece){ line.s, line.len, true, line.s[line.len - 1] == '\n' });
  }
  mime_walk_end(&w);
  assert(w.kept <= w.parts && heads >= w.kept && (has || !w.parts));
  check_order(body);
  stralloc_free(&boundary);
  return 0;
}
