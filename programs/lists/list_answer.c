#include <string.h>

#include "list_answer.h"
#include "list_lines.h"
#include "list_mail.h"
#include "list_words.h"
#include "number.h"

static void put_boundary(char const *boundary, char const *behind)
{
  list_mail_add("\n--"), list_mail_add(boundary), list_mail_add(behind);
}

void list_answer_fields(struct list const *l, char const *boundary)
{
  list_mail_add(l->encoding ? "MIME-Version: 1.0\nContent-Type: multipart/mixed; charset=" : "MIME-Version: 1.0\nContent-Type: text/plain; charset=");
  list_mail_addx(&l->charset);
  if (l->encoding) list_mail_add(";\n\tboundary="), list_mail_add(boundary);
  list_mail_add("\n");
}

void list_answer_text(struct list const *l, char const *boundary)
{
  if (!l->encoding) return;
  put_boundary(boundary, "\nContent-Type: text/plain; charset=");
  list_mail_addx(&l->charset);
  list_mail_add(l->encoding == 'Q' ? "\nContent-Transfer-Encoding: Quoted-Printable\n\n" : "\nContent-Transfer-Encoding: base64\n\n");
  list_mail_encode(l->encoding);
}

void list_answer_message(struct list const *l, char const *boundary)
{
  if (!l->encoding) return;
  list_mail_plain();
  put_boundary(boundary, "\nContent-Type: message/rfc822\nContent-Disposition: inline; filename=request.msg\n\n");
}

void list_answer_end(struct list const *l, char const *boundary)
{
  if (l->encoding) put_boundary(boundary, "--\n");
}

uint64_t list_copylines(struct list const *l)
{
  stralloc line = STRALLOC_ZERO;
  uint64_t lines = 0;
  if (list_setting(&line, l, "copylines", 0)) number_scan(line.s, line.len, &lines);
  stralloc_free(&line);
  return lines;
}

struct field message_beginning(struct field message, uint64_t lines)
{
  struct field rest = message, line;
  bool in_body = false;
  while (!(in_body && !lines) && list_line_any(&line, &rest)) {
    if (in_body) lines--;
    else if (!line.len && !lines) return (struct field){ message.s, (size_t)(line.s - message.s) };
    else in_body = !line.len;
  }
  return (struct field){ message.s, message.len - rest.len };
}
