/* MIME types and parts, the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "listed.h"
#include "mime_type.h"
#include "mime_walk.h"
#include "text.h"

static struct { char const *value, *type, *boundary; bool broken; } const types[] = {
  { "", "", "", false },
  { ";boundary=x", "", "x", false },
  { " (a (b)) text/plain(c); boundary (x) = y (z)", "text/plain", "y", false },
  { "multipart/mixed; boundary=\"a \\\"b\\\" c\"", "multipart/mixed", "a \"b\" c", false },
  { "multipart/mixed; boundary=\"open", "multipart/mixed", "", true },
  { "multipart/mixed; x=\"open; boundary=y", "multipart/mixed", "", true },
  { "multipart/mixed; x=\"a; boundary=no\"; BOUNDARY=y;z", "multipart/mixed", "y", false },
  { "multipart/mixed;\n\tboundary=\"two\n words\"", "multipart/mixed", "two  words", false },
  { "multipart/mixed; boundary=", "multipart/mixed", "", false },
  { "multipart/mixed; boundary", "multipart/mixed", "", false },
  { "multipart/mixed; ; = ; boundary=y", "multipart/mixed", "y", false },
  { "multipart/mixed; boundary=\"\"; boundary=z", "multipart/mixed", "z", false },
  { "Text/HTML; charset=utf-8", "Text/HTML", "", false },
  { "( open", "", "", false },
};

static void a_type_and_its_boundary(void **state)
{
  stralloc boundary = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    struct mime_type type;
    mime_type_read(&type, field_of(types[i].value));
    bool has = mime_type_parameter(&boundary, field_of(types[i].value), "boundary");
    if (!field_is(type.name, types[i].type) || type.broken != types[i].broken || has != (*types[i].boundary != 0)
        || !field_is((struct field){ text_z(&boundary), boundary.len }, types[i].boundary))
      fail_msg("%s: %.*s %s", types[i].value, (int)type.name.len, type.name.s, boundary.s);
  }
  stralloc_free(&boundary);
  assert_true(mime_type_is(field_of("Multipart/Mixed"), "multipart/"));
  assert_true(mime_type_is(field_of("TEXT/plain"), "text/plain"));
  assert_false(mime_type_is(field_of("text/plainer"), "text/plain"));
}

static void lists_of_names(void **state)
{
  stralloc names = STRALLOC_ZERO;
  (void)state;
  text_addb(&names, "Return-Path\0image\0text/html\0", 28);
  assert_true(name_listed(&names, field_of("return-path")));
  assert_false(name_listed(&names, field_of("return-pat")));
  assert_false(name_listed(&names, field_of("")));
  assert_true(type_listed(&names, field_of("Image/PNG")));
  assert_true(type_listed(&names, field_of("text/HTML")));
  assert_false(type_listed(&names, field_of("text/plain")));
  assert_false(type_listed(&names, field_of("")));
  stralloc_free(&names);
}

/* ---- the walk: parts of type x/x go; H, B, C, E before what is put ---- */

static stralloc seen = STRALLOC_ZERO;

static bool keeps(void *arg, struct field value)
{
  struct mime_type type;
  (void)arg;
  mime_type_read(&type, value);
  return !field_is(type.name, "x/x");
}

static void put(void *arg, enum mime_what what, char const *s, size_t len)
{
  (void)arg;
  text_addc(&seen, "HBCE"[what]);
  text_addb(&seen, s, len);
}

static struct { char const *body, *seen; size_t parts, kept; } const walks[] = {
  { "", "", 0, 0 },
  { "no part\n", "", 0, 0 },
  { "before\n--b\n\none\n--b--\nend\n", "H--b\n\nBone\nC--b--\nEend\n", 1, 1 },
  { "--b\nContent-Type: x/x\n\none\n--b\n\ntwo\n--b--\n", "H--b\n\nBtwo\nC--b--\n", 2, 1 },
  { "--b\ncontent-type :\n\tx/x\n\none\n--b--\n", "C--b--\n", 1, 0 },
  { "--b\nA: b\nContent-type: y/y\n\none\n", "H--b\nA: b\nContent-type: y/y\n\nBone\n", 1, 1 },
  { "--b\n--b\n--b--\n", "H--b\nH--b\nC--b--\n", 2, 2 },
  { "--b \t\r\nContent-Type: x/x\r\n\r\nno\r\n--b--\r\n", "C--b--\r\n", 1, 0 },
  { "--bb\n--b\n\n--bb--\n--b-\n--b--x\n", "H--b\n\nB--bb--\nB--b-\nB--b--x\n", 1, 1 },
  { "--b\nContent-Type: x/x", "", 1, 0 },
  { "--b", "H--b", 1, 1 },
  { "--b--", "C--b--", 0, 0 },
  { "--b--\n--b\n\nx\n", "C--b--\nE--b\nE\nEx\n", 0, 0 },
};

/* What a walk does must not depend on how the bytes come. */
static void feed(struct mime_walk *w, char const *body)
{
  mime_walk_begin(w);
  seen.len = 0;
  for (size_t at = 0, len = strlen(body); at < len;) {
    char const *newline = strchr(body + at, '\n');
    size_t n = newline ? (size_t)(newline - body) + 1 - at : len - at;
    mime_walk_piece(w, &(struct line_piece){ body + at, n, true, newline });
    at += n;
  }
  mime_walk_end(w);
}

static void parts_stay_or_go(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
    struct mime_walk w = { .boundary = { "b", 1 }, .keeps = keeps, .put = put };
    feed(&w, walks[i].body);
    if (!field_is((struct field){ text_z(&seen), seen.len }, walks[i].seen)) fail_msg("%s: %s", walks[i].body, seen.s);
    assert_int_equal(w.parts, walks[i].parts);
    assert_int_equal(w.kept, walks[i].kept);
  }
}

/* A header without end is not kept in memory. */
static void a_long_header(void **state)
{
  struct mime_walk w = { .boundary = { "b", 1 }, .keeps = keeps, .put = put };
  (void)state;
  mime_walk_begin(&w);
  seen.len = 0;
  mime_walk_piece(&w, &(struct line_piece){ "--b\n", 4, true, true });
  for (int i = 0; i < 100000; i++) mime_walk_piece(&w, &(struct line_piece){ "A: b\n", 5, true, true });
  mime_walk_piece(&w, &(struct line_piece){ "Content-Type: x/x\n", 18, true, true });
  assert_int_equal(w.kept, 1);
  assert_true(w.head.a < 4 * MIME_HEAD_MAX);
  mime_walk_end(&w);
  stralloc_free(&seen);
}

/* ---- lines ---- */

static char const *left;

static ssize_t by_threes(int fd, struct iovec const *v, unsigned count)
{
  (void)fd, (void)count;
  size_t n = strnlen(left, v->iov_len < 3 ? v->iov_len : 3);
  memcpy(v->iov_base, left, n);
  left += n;
  return (ssize_t)n;
}

static void lines_in_pieces(void **state)
{
  static char space[64], text[3 * LINE_PIECE_MAX + 4];
  stralloc start = STRALLOC_ZERO;
  struct line_pieces p;
  struct line_piece piece;
  buffer in;
  (void)state;
  memset(text, 'x', sizeof text - 4);
  strcpy(text + sizeof text - 4, "\na\n");
  left = text;
  text_set(&start, "first\nsec");
  buffer_init(&in, by_threes, 0, space, sizeof space);
  line_pieces_begin(&p, &start, &in);
  assert_int_equal(line_pieces_next(&p, &piece), 1);
  assert_true(field_is((struct field){ piece.s, piece.len }, "first\n") && piece.begins && piece.ends);
  assert_int_equal(line_pieces_next(&p, &piece), 1);
  assert_true(piece.len == LINE_PIECE_MAX && piece.begins && !piece.ends && !memcmp(piece.s, "secx", 4));
  while (!piece.ends) {
    assert_int_equal(line_pieces_next(&p, &piece), 1);
    assert_false(piece.begins);
  }
  assert_int_equal(line_pieces_next(&p, &piece), 1);
  assert_true(field_is((struct field){ piece.s, piece.len }, "a\n") && piece.begins && piece.ends);
  assert_int_equal(line_pieces_next(&p, &piece), 0);
  stralloc_free(&start);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_type_and_its_boundary),
    cmocka_unit_test(lists_of_names),
    cmocka_unit_test(parts_stay_or_go),
    cmocka_unit_test(a_long_header),
    cmocka_unit_test(lines_in_pieces),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
