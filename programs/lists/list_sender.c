#include <ctype.h>
#include <string.h>

#include "address.h"
#include "list_sender.h"
#include "text.h"

enum { TAG_DIGITS = 9 };

static bool begins(struct field f, char const *with)
{
  size_t const len = strlen(with);
  return f.len >= len && !memcmp(f.s, with, len);
}

static struct field behind(struct field f, size_t len)
{
  return (struct field){ f.s + len, f.len - len };
}

/* The index of the first or the last '=', or len. */
static size_t first_equals(struct field f)
{
  char const *at = memchr(f.s, '=', f.len);
  return at ? (size_t)(at - f.s) : f.len;
}

static size_t last_equals(struct field f)
{
  char const *at = memrchr(f.s, '=', f.len);
  return at ? (size_t)(at - f.s) : f.len;
}

static bool is_tag(struct field f)
{
  for (size_t i = 0; i < f.len; i++)
    if (!isxdigit((unsigned char)f.s[i])) return false;
  return f.len >= TAG_DIGITS;
}

static bool add_address(stralloc *to, struct field box, struct field domain)
{
  if (!box.len || !domain.len) return false;
  text_addb(to, box.s, box.len);
  text_add(to, "@");
  text_addb(to, domain.s, domain.len);
  return true;
}

/* SRS0=HASH=TIME=DOMAIN=USER, SRS1=HASH=HOST==HASH=TIME=DOMAIN=USER. */
static bool from_srs(stralloc *to, struct field box)
{
  struct field user, domain;
  if (!begins(box, "SRS0") && !begins(box, "SRS1")) return false;
  size_t at = last_equals(box);
  if (at == box.len) return false;
  user = behind(box, at + 1);
  box.len = at;
  at = last_equals(box);
  if (at == box.len) return false;
  domain = behind(box, at + 1);
  return add_address(to, user, domain);
}

/* prvs=TAG=USER, prvs=USER=TAG. */
static bool from_prvs(stralloc *to, struct field box, struct field domain)
{
  if (!begins(box, "prvs=")) return false;
  box = behind(box, 5);
  size_t const first = first_equals(box), last = last_equals(box);
  if (first == box.len) return false;
  if (is_tag((struct field){ box.s, first })) return add_address(to, behind(box, first + 1), domain);
  if (is_tag(behind(box, last + 1))) return add_address(to, (struct field){ box.s, last }, domain);
  return false;
}

/* btv1==TAG==USER. */
static bool from_btv(stralloc *to, struct field box, struct field domain)
{
  if (!begins(box, "btv1==")) return false;
  box = behind(box, 6);
  size_t const at = first_equals(box);
  return at && at + 1 < box.len && box.s[at + 1] == '=' && add_address(to, behind(box, at + 2), domain);
}

void list_sender_plain(stralloc *to, struct field sender)
{
  size_t const at = address_at(sender.s, sender.len);
  struct field const box = { sender.s, at };
  if (at < sender.len) {
    struct field const domain = behind(sender, at + 1);
    if (from_srs(to, box) || from_prvs(to, box, domain) || from_btv(to, box, domain)) return;
  }
  text_addb(to, sender.s, sender.len);
}

void list_sender_written(stralloc *to, struct field address)
{
  size_t const was = to->len;
  while (!address_quote(to, address.s, address.len)) memory_gone();
  for (size_t i = was; i < to->len; i++)
    if ((unsigned char)to->s[i] < ' ' || to->s[i] == 127) to->s[i] = '?';
}

void list_sender_read(stralloc *to, struct field written)
{
  stralloc command = STRALLOC_ZERO;
  size_t rest;
  text_setb(to, written.s, written.len);
  if (!written.len || *written.s != '"') return;
  text_add(&command, "FROM:<"), text_addb(&command, written.s, written.len), text_add(&command, ">");
  int const r = address_from_command(to, command.s, command.len, &rest);
  while (r == -1) memory_gone();
  if (!r || rest != command.len) text_setb(to, written.s, written.len);
  stralloc_free(&command);
}

bool list_sender_is_bounce(struct field sender)
{
  return !sender.len || field_is(sender, "#@[]");
}

bool list_sender_is_anonymous(struct field sender)
{
  return address_at(sender.s, sender.len) == sender.len;
}
