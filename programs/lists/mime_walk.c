#include <string.h>
#include <strings.h>

#include "mime_walk.h"
#include "text.h"

int mime_boundary(struct field boundary, char const *s, size_t len)
{
  if (!boundary.len || len < boundary.len + 2 || s[0] != '-' || s[1] != '-' || memcmp(s + 2, boundary.s, boundary.len) != 0) return 0;
  s += boundary.len + 2;
  len -= boundary.len + 2;
  int which = len >= 2 && s[0] == '-' && s[1] == '-' ? 2 : 1;
  for (size_t i = which == 2 ? 2 : 0; i < len; i++)
    if (!strchr(" \t\r\n", s[i]) || !s[i]) return 0;
  return which;
}

/* The value of the field Content-Type in the header of a part, behind the line of the boundary. */
static struct field type_of(stralloc const *head)
{
  static char const name[] = "content-type";
  for (char const *line = head->s, *end = head->s + head->len; line < end;) {
    char const *next = memchr(line, '\n', (size_t)(end - line));
    char const *stop = next ? next + 1 : end;
    char const *colon = memchr(line, ':', (size_t)(stop - line));
    while (stop < end && (*stop == ' ' || *stop == '\t')) {
      next = memchr(stop, '\n', (size_t)(end - stop));
      stop = next ? next + 1 : end;
    }
    if (colon && (size_t)(colon - line) >= sizeof name - 1 && !strncasecmp(line, name, sizeof name - 1)
        && strspn(line + sizeof name - 1, " \t") == (size_t)(colon - line) - (sizeof name - 1))
      return (struct field){ colon + 1, (size_t)(stop - colon - 1) };
    line = stop;
  }
  return (struct field){ "", 0 };
}

static void decide(struct mime_walk *w, struct field type)
{
  w->drops = !w->keeps(w->arg, type);
  w->kept += !w->drops;
  w->decided = true;
  if (!w->drops) w->put(w->arg, MIME_HEAD, w->head.s, w->head.len);
  w->head.len = 0;
}

/* The header of the part has ended, whatever ended it. */
static void end_head(struct mime_walk *w)
{
  if (w->at == MIME_IN_HEAD && !w->decided) text_z(&w->head), decide(w, type_of(&w->head));
}

static void begin_part(struct mime_walk *w, struct line_piece const *line)
{
  end_head(w);
  w->at = MIME_IN_HEAD;
  w->decided = false;
  w->parts++;
  text_setb(&w->head, line->s, line->len);
}

static void close_parts(struct mime_walk *w, struct line_piece const *line)
{
  end_head(w);
  w->at = MIME_AFTER;
  w->put(w->arg, MIME_CLOSE, line->s, line->len);
}

static void more_head(struct mime_walk *w, struct line_piece const *line)
{
  bool is_empty = line->begins && (line->len == 1 || (line->len == 2 && *line->s == '\r')) && line->ends;
  if (w->decided) {
    if (!w->drops) w->put(w->arg, MIME_HEAD, line->s, line->len);
  } else {
    text_addb(&w->head, line->s, line->len);
    if (w->head.len > MIME_HEAD_MAX) decide(w, (struct field){ "", 0 });
  }
  if (!is_empty) return;
  end_head(w);
  w->at = MIME_IN_BODY;
}

void mime_walk_begin(struct mime_walk *w)
{
  w->at = MIME_BEFORE;
  w->drops = w->decided = false;
  w->parts = w->kept = 0;
  w->head.len = 0;
}

void mime_walk_piece(struct mime_walk *w, struct line_piece const *piece)
{
  int boundary = w->at != MIME_AFTER && piece->begins ? mime_boundary(w->boundary, piece->s, piece->len) : 0;
  if (boundary == 1) begin_part(w, piece);
  else if (boundary == 2) close_parts(w, piece);
  else if (w->at == MIME_IN_HEAD) more_head(w, piece);
  else if (w->at == MIME_IN_BODY && !w->drops) w->put(w->arg, MIME_BODY, piece->s, piece->len);
  else if (w->at == MIME_AFTER) w->put(w->arg, MIME_BEHIND, piece->s, piece->len);
}

void mime_walk_end(struct mime_walk *w)
{
  end_head(w);
  stralloc_free(&w->head);
}
