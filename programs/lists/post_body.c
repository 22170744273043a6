#include <string.h>
#include <strings.h>

#include "line_pieces.h"
#include "list_header.h"
#include "list_mail.h"
#include "mime_type.h"
#include "mime_walk.h"
#include "post.h"
#include "text.h"
#include "trailer.h"

enum coding { AS_IT_IS, QUOTED, BASE64 };

struct body {
  struct post *post;
  stralloc strip;               /* types that go, or stay alone */
  bool strips, keeps;
  stralloc trailer;             /* the text, empty: none */
  stralloc boundary;
  enum coding coding;           /* of a body that is no multipart, and has a trailer */
  stralloc held;                /* of such one in base64, its last line that says something, with what is behind it */
  bool held_whole;              /* the line is all there */
};

/* ---- what there is to do ---- */

static void read_strip(struct body *b)
{
  struct post const *p = b->post;
  b->keeps = list_settings(&b->strip, &p->list, "mimekeep", &p->tags);
  b->strips = b->keeps || list_settings(&b->strip, &p->list, "mimeremove", &p->tags);
}

static enum coding coding_of(struct post const *p)
{
  struct field value = list_header_value(&p->header, "content-transfer-encoding");
  if (value.len == 6 && !strncasecmp(value.s, "base64", 6)) return BASE64;
  if (value.len == 16 && !strncasecmp(value.s, "quoted-printable", 16)) return QUOTED;
  return AS_IT_IS;
}

/* Behind text, and between parts that do not depend on each other; not behind what is signed, or one thing in several forms. */
static bool may_have_trailer(struct field type)
{
  static char const *const types[] = { "text/", "multipart/mixed", "multipart/digest", "multipart/parallel" };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (mime_type_is(type, types[i])) return true;
  return !type.len;
}

static void prepare(struct body *b)
{
  struct post const *p = b->post;
  struct field value = list_header_value(&p->header, "content-type");
  struct mime_type type;
  bool appends = list_flag(&p->list, "addtrailer");
  read_strip(b);
  mime_type_read(&type, value);
  if (appends && may_have_trailer(type.name)) list_text(&b->trailer, &p->list, "trailer", &p->tags);
  if ((b->strips || appends) && mime_type_is(type.name, "multipart/")) mime_type_parameter(&b->boundary, value, "boundary");
  if (mime_type_is(type.name, "multipart/") && !b->boundary.len) b->trailer.len = 0;
  b->coding = coding_of(p);
}

/* The next piece of what has come. */
static int next_piece(struct body *b, struct line_pieces *lines, struct line_piece *piece)
{
  int const r = line_pieces_next(lines, piece);
  if (r == -1) list_die_system(&b->post->list, "ERR_READ_INPUT", 0);
  if (r == 1) b->post->body += piece->len;
  return r;
}

/* ---- parts ---- */

static bool part_stays(void *arg, struct field value)
{
  struct body const *b = arg;
  struct mime_type type;
  mime_type_read(&type, value);
  return !b->strips || !type.name.len || type_listed(&b->strip, type.name) == b->keeps;
}

static void put_encoded(struct body const *b, char encoding)
{
  list_mail_encode(encoding);
  list_mail_put(b->trailer.s, b->trailer.len);
  list_mail_plain();
}

/* A part of its own, as the list writes its texts. */
static void put_trailer_part(struct body *b)
{
  struct list const *l = &b->post->list;
  list_mail_add("--");
  list_mail_put(b->boundary.s, b->boundary.len);
  list_mail_add("\nContent-Type: text/plain; charset=");
  list_mail_put(l->charset.s, l->charset.len);
  if (l->encoding) list_mail_add(l->encoding == 'B' ? "\nContent-Transfer-Encoding: base64" : "\nContent-Transfer-Encoding: quoted-printable");
  list_mail_add("\n\n");
  put_encoded(b, l->encoding);
  list_mail_add("\n");
}

static void put_part(void *arg, enum mime_what what, char const *s, size_t len)
{
  struct body *b = arg;
  if (what == MIME_CLOSE && b->trailer.len) put_trailer_part(b);
  post_put(b->post, TO_BOTH, s, len);
}

/* Text before the first part is for programs that do not know of parts: an empty line is left of it. */
static bool copy_parts(struct body *b, struct line_pieces *lines)
{
  struct mime_walk w = { .boundary = { b->boundary.s, b->boundary.len }, .keeps = part_stays, .put = put_part, .arg = b };
  struct line_piece piece;
  post_put(b->post, TO_BOTH, "\n", 1);
  mime_walk_begin(&w);
  while (next_piece(b, lines, &piece)) mime_walk_piece(&w, &piece);
  mime_walk_end(&w);
  return w.kept;
}

/* ---- one thing ---- */

static bool is_empty(struct line_piece const *piece)
{
  for (size_t i = 0; i < piece->len; i++)
    if (!strchr(" \t\r\n", piece->s[i]) || !piece->s[i]) return false;
  return true;
}

/* The end of base64 must wait for what comes behind it. */
static void hold(struct body *b, struct line_piece const *piece)
{
  post_put(b->post, TO_ARCHIVE, piece->s, piece->len);
  if (is_empty(piece) && b->held.len < LINE_PIECE_MAX) {
    text_addb(&b->held, piece->s, piece->len);
    return;
  }
  post_put(b->post, TO_QUEUE, b->held.s, b->held.len);
  text_setb(&b->held, piece->s, piece->len);
  b->held_whole = piece->begins;
}

static void end_base64(struct body *b)
{
  stralloc text = STRALLOC_ZERO, end = STRALLOC_ZERO;
  struct field line = { text_z(&b->held), b->held.len };
  while (line.len && strchr(" \t\r\n", line.s[line.len - 1])) line.len--;
  text_add(&text, "\n");
  text_addx(&text, &b->trailer);
  text_add(&text, "\n");
  if (b->held_whole && trailer_base64(&end, line, (struct field){ text.s, text.len })) post_put(b->post, TO_QUEUE, end.s, end.len);
  else post_put(b->post, TO_QUEUE, b->held.s, b->held.len);
  stralloc_free(&text);
  stralloc_free(&end);
}

static void end_text(struct body *b)
{
  list_mail_add("\n");
  put_encoded(b, b->coding == QUOTED ? 'Q' : 0);
  list_mail_add("\n");
}

static void copy_whole(struct body *b, struct line_pieces *lines)
{
  bool const holds = b->trailer.len && b->coding == BASE64;
  struct line_piece piece = { .ends = true };
  while (next_piece(b, lines, &piece))
    if (holds) hold(b, &piece);
    else post_put(b->post, TO_BOTH, piece.s, piece.len);
  if (!b->trailer.len) return;
  if (holds) end_base64(b);
  else {
    if (!piece.ends) post_add(b->post, TO_QUEUE, "\n");
    end_text(b);
  }
}

bool post_body(struct post *p, buffer *in)
{
  static struct line_pieces lines;
  struct body b = { .post = p, .held_whole = true };
  prepare(&b);
  line_pieces_begin(&lines, &p->header.body_start, in);
  if (b.boundary.len) return copy_parts(&b, &lines);
  copy_whole(&b, &lines);
  return true;
}
