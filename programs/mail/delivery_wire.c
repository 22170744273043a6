#include <string.h>

#include <skalibs/uint16.h>
#include <skalibs/uint32.h>

#include "bytes.h"
#include "delivery_wire.h"

static int add_u16(stralloc *to, unsigned number)
{
  char packed[2];
  uint16_pack(packed, (uint16_t)number);
  return bytes_addb(to, packed, sizeof packed);
}

static int add_z(stralloc *to, char const *s)
{
  return bytes_addb(to, s, strlen(s) + 1);
}

/* Each letter tells whether nothing is known of the destination, whether there are extras, whether an identity. */
enum { EXTRAS = 1, STRANGER = 2, IDENTITY = 4 };
static char const kinds[] = "-+?!abcd";

static char letter_of(struct wire_command const *c)
{
  return kinds[(c->extras ? EXTRAS : 0) + (c->stranger ? STRANGER : 0) + (c->identity ? IDENTITY : 0)];
}

static bool kind_of(struct wire_command *c, char letter)
{
  char const *kind = letter ? strchr(kinds, letter) : 0;
  size_t const bits = kind ? (size_t)(kind - kinds) : 0;
  c->stranger = bits & STRANGER;
  c->extras = bits & EXTRAS ? "" : 0;
  c->identity = bits & IDENTITY ? "" : 0;
  return kind != 0;
}

int wire_command_pack(stralloc *to, struct wire_command const *c)
{
  size_t start = to->len;
  if (!bytes_addb(to, "\0\0\0\0", 4) || !bytes_addc(to, letter_of(c))) return 0;
  if (!add_z(to, c->messid) || !add_z(to, c->sender) || !add_z(to, c->destination)) return 0;
  if ((c->identity && !add_z(to, c->identity)) || (c->extras && !add_z(to, c->extras))) return 0;
  for (size_t i = 0; i < c->count; i++) {
    struct wire_recipient const *r = c->recipients + i;
    if (!add_u16(to, r->slot) || !add_z(to, r->address) || (c->extras && !add_z(to, r->extras))) return 0;
  }
  uint32_pack(to->s + start, (uint32_t)(to->len - start - 4));
  return 1;
}

/* The text at *at, up to its NUL; null when there is none before the end. */
static char const *take_z(char const *s, size_t end, size_t *at)
{
  char const *text = s + *at;
  char const *nul = *at < end ? memchr(text, 0, end - *at) : 0;
  if (!nul) return 0;
  *at = (size_t)(nul - s) + 1;
  return text;
}

static bool take_u16(char const *s, size_t end, size_t *at, unsigned *number)
{
  uint16_t n;
  if (end - *at < 2) return false;
  uint16_unpack(s + *at, &n);
  *number = n;
  *at += 2;
  return true;
}

struct wire_command const WIRE_END = { .messid = "", .sender = "", .destination = "" };

bool wire_is_end(struct wire_command const *c)
{
  return !c->count && !*c->messid && !*c->sender && !*c->destination;
}

bool wire_is_question(struct wire_command const *c)
{
  return c->count && !*c->messid && c->recipients[0].slot >= WIRE_SLOTS_MAX;
}

long wire_command_unpack(struct wire_command *c, char const *s, size_t len)
{
  uint32_t size;
  if (len < 4) return 0;
  uint32_unpack(s, &size);
  if (size > WIRE_COMMAND_MAX - 4) return -1;
  size_t at = 5, end = 4 + (size_t)size;
  if (len < end) return 0;
  if (!size || !kind_of(c, s[4])) return -1;
  c->messid = take_z(s, end, &at);
  c->sender = c->messid ? take_z(s, end, &at) : 0;
  c->destination = c->sender ? take_z(s, end, &at) : 0;
  if (!c->destination || (c->identity && !(c->identity = take_z(s, end, &at)))) return -1;
  if (c->extras && !(c->extras = take_z(s, end, &at))) return -1;
  for (c->count = 0; at < end; c->count++) {
    if (c->count == WIRE_RECIPIENTS_MAX) return -1;
    struct wire_recipient *r = c->recipients + c->count;
    if (!take_u16(s, end, &at, &r->slot)) return -1;
    r->address = take_z(s, end, &at);
    r->extras = !r->address ? 0 : c->extras ? take_z(s, end, &at) : "";
    if (!r->extras) return -1;
  }
  return c->count || wire_is_end(c) ? (long)end : -1;
}

int wire_command_extras(stralloc *to, struct wire_command const *c)
{
  if (!bytes_add(to, c->extras)) return 0;
  for (size_t i = 0; i < c->count; i++)
    if (!bytes_addc(to, '\n') || !bytes_add(to, c->recipients[i].extras)) return 0;
  return bytes_end(to);
}

enum { REPORT_HEAD = 5 };    /* bytes before the text */

int wire_report_pack(stralloc *to, struct wire_report const *r)
{
  size_t len = r->len > WIRE_REPORT_MAX ? WIRE_REPORT_MAX : r->len;
  return add_u16(to, r->slot) && bytes_addc(to, r->letter) && bytes_addc(to, r->outcome)
      && bytes_addc(to, (char)r->most) && bytes_addb(to, r->text, len) && bytes_end(to);
}

long wire_report_unpack(struct wire_report *r, char const *s, size_t len)
{
  size_t at = 0;
  if (len < REPORT_HEAD) return 0;
  take_u16(s, len, &at, &r->slot);
  r->letter = s[at++];
  r->outcome = s[at++];
  r->most = (unsigned char)s[at++];
  r->text = take_z(s, len, &at);
  if (!r->text) return len - REPORT_HEAD > WIRE_REPORT_MAX ? -1 : 0;
  r->len = at - 1 - REPORT_HEAD;
  return r->len > WIRE_REPORT_MAX ? -1 : (long)at;
}
