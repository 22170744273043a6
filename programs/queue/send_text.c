#include <string.h>

#include "address.h"
#include "date.h"
#include "message_id.h"
#include "send_text.h"
#include "text.h"

static char const suffix[] = "-@[]";
enum { SUFFIX = sizeof suffix - 1 };

bool verp(char const *sender, size_t len)
{
  return len > SUFFIX && !memcmp(sender + len - SUFFIX, suffix, SUFFIX) && memchr(sender, '@', len - SUFFIX);
}

size_t verp_stripped(char const *sender, size_t len)
{
  return verp(sender, len) ? len - SUFFIX : len;
}

void verp_expand(stralloc *to, char const *sender, char const *recipient)
{
  size_t len = strlen(sender), recipient_len = strlen(recipient);
  size_t cut = address_at(recipient, recipient_len);
  if (!verp(sender, len) || cut == recipient_len) {
    text_setb(to, sender, len);
    return;
  }
  size_t at = address_at(sender, len - SUFFIX);
  text_setb(to, sender, at);
  text_addb(to, recipient, cut);
  text_addc(to, '=');
  text_addb(to, recipient + cut + 1, recipient_len - cut - 1);
  text_addb(to, sender + at, len - SUFFIX - at);
}

/* ---- bounces, in the form that programs of the family read (QSBMF): qmail-send(8) ---- */

static void add_recipient(stralloc *to, char const *recipient, stralloc const *host)
{
  size_t len = strlen(recipient);
  text_addb(to, recipient, len);
  for (char *s = to->s + to->len - len; s < to->s + to->len; s++)
    if (*s == '\n') *s = '_';
  if (address_at(recipient, len) < len) return;
  text_addc(to, '@');
  text_addx(to, host);
}

/* An empty line would end the paragraph: a newline behind another becomes a slash, but for the very last. */
static void add_report(stralloc *to, char const *report, size_t len)
{
  text_addb(to, report, len);
  if (to->s[to->len - 1] != '\n') text_addc(to, '\n');
  for (char *s = to->s + to->len - 2; s > to->s; s--)
    if (s[0] == '\n' && s[-1] == '\n') *s = '/';
}

void bounce_paragraph(stralloc *to, char const *recipient, stralloc const *host, char const *report, size_t len)
{
  text_set(to, "<");
  add_recipient(to, recipient, host);
  text_add(to, ">:\n");
  add_report(to, report, len);
  text_addc(to, '\n');
}

/* An address that quoting cannot make safe for one header line would begin another one. */
static int add_address(stralloc *to, char const *s, size_t len)
{
  size_t start = to->len;
  if (!address_quote(to, s, len)) return 0;
  for (size_t i = start; i < to->len; i++)
    if (to->s[i] == '\n' || to->s[i] == '\r') to->s[i] = '_';
  return 1;
}

static int add_from(stralloc *to, struct bounce_names const *names)
{
  stralloc from = STRALLOC_ZERO;
  int ok = bytes_setx(&from, names->from) && bytes_addc(&from, '@') && bytes_addx(&from, names->host)
        && add_address(to, from.s, from.len);
  stralloc_free(&from);
  return ok;
}

static char const single_text[] =
  "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
  "This is a permanent error; I've given up. Sorry it didn't work out.\n"
  "\n";
static char const double_text[] =
  "I tried to deliver a bounce message to this address, but the bounce bounced!\n"
  "\n";

/* Large sites refuse mail without the first and last of these, and others answer it. */
static int add_marks(stralloc *to, struct bounce_names const *names, time_t date)
{
  return bytes_add(to, "\nMessage-ID: ")
      && message_id(to, names->host->s, names->host->len, date)
      && bytes_add(to, "\nAuto-Submitted: auto-replied"
                       "\nMIME-Version: 1.0"
                       "\nContent-Type: text/plain; charset=utf-8"
                       "\nContent-Transfer-Encoding: 8bit");
}

int bounce_head(stralloc *to, struct bounce_names const *names, time_t date)
{
  return bytes_set(to, "Date: ")
      && date_header(to, date)
      && bytes_add(to, "\nFrom: ")
      && add_from(to, names)
      && bytes_add(to, "\nTo: ")
      && add_address(to, names->to, names->to_len)
      && bytes_add(to, "\nSubject: failure notice")
      && add_marks(to, names, date)
      && bytes_add(to, "\n\nHi. This is the qmail-send program at ")
      && bytes_addx(to, names->host)
      && bytes_add(to, ".\n")
      && bytes_add(to, names->is_double ? double_text : single_text);
}

int bounce_break(stralloc *to, struct bounce_names const *names)
{
  size_t len = verp_stripped(names->sender, strlen(names->sender));
  return bytes_set(to, names->is_double ? "--- Below this line is the original bounce.\n\n"
                                          : "--- Below this line is a copy of the message.\n\n")
      && bytes_add(to, "Return-Path: <")
      && add_address(to, names->sender, len)
      && bytes_add(to, ">\n");
}
