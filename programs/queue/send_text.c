#include <string.h>

#include "address.h"
#include "date.h"
#include "message_id.h"
#include "send_text.h"
#include "text.h"
#include "xtext.h"

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

void bounce_address(stralloc *to, char const *recipient, stralloc const *host)
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
  bounce_address(to, recipient, host);
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

/* Who reads bounces knows them by how they begin: these begin otherwise, so that no list takes them for failures. */
static char const success_text[] =
  "You wished to be told when your message has reached the following addresses.\n"
  "\n";
static char const delay_text[] =
  "I have not been able to deliver your message to the following addresses yet.\n"
  "It is not lost: I will keep trying until ";

static struct { char const *subject, *begins, *text; } const kinds[REPORT_KINDS] = {
  [REPORT_FAILURE] = { "failure notice", "Hi. This is the qmail-send program at ",     single_text },
  [REPORT_SUCCESS] = { "success notice", "This is a notice of the qmail-send program at ", success_text },
  [REPORT_DELAY]   = { "delay notice",   "This is a notice of the qmail-send program at ", delay_text }
};

static int add_boundary(stralloc *to, struct bounce_names const *names, char const *type)
{
  return bytes_add(to, "\n--") && bytes_add(to, names->boundary) && bytes_add(to, type);
}

static int add_type(stralloc *to, struct bounce_names const *names)
{
  static char const text[] = "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit";
  if (!names->boundary) return bytes_add(to, text);
  return bytes_add(to, "\nContent-Type: multipart/report; report-type=delivery-status;\n  boundary=\"")
      && bytes_add(to, names->boundary)
      && bytes_add(to, "\"\nContent-Transfer-Encoding: 8bit\n")
      && add_boundary(to, names, text);
}

/* Large sites refuse mail without the first and last of these, and others answer it. */
static int add_marks(stralloc *to, struct bounce_names const *names, time_t date)
{
  return bytes_add(to, "\nMessage-ID: ")
      && message_id(to, names->host->s, names->host->len, date)
      && bytes_add(to, "\nAuto-Submitted: auto-replied"
                       "\nMIME-Version: 1.0")
      && add_type(to, names);
}

static int add_greeting(stralloc *to, struct bounce_names const *names)
{
  if (!bytes_add(to, names->is_double ? double_text : kinds[names->kind].text)) return 0;
  return names->kind != REPORT_DELAY || (date_header(to, names->retry_until) && bytes_add(to, ".\n\n"));
}

int bounce_head(stralloc *to, struct bounce_names const *names, time_t date)
{
  return bytes_set(to, "Date: ")
      && date_header(to, date)
      && bytes_add(to, "\nFrom: ")
      && add_from(to, names)
      && bytes_add(to, "\nTo: ")
      && add_address(to, names->to, names->to_len)
      && bytes_add(to, "\nSubject: ")
      && bytes_add(to, kinds[names->kind].subject)
      && add_marks(to, names, date)
      && bytes_add(to, "\n\n")
      && bytes_add(to, kinds[names->kind].begins)
      && bytes_addx(to, names->host)
      && bytes_add(to, ".\n")
      && add_greeting(to, names);
}

static int add_return_path(stralloc *to, struct bounce_names const *names)
{
  size_t len = verp_stripped(names->sender, strlen(names->sender));
  return bytes_add(to, "Return-Path: <")
      && add_address(to, names->sender, len)
      && bytes_add(to, ">\n");
}

int bounce_break(stralloc *to, struct bounce_names const *names)
{
  char const *line = names->is_double ? "--- Below this line is the original bounce.\n"
                   : names->headers_only ? "--- Below this line is the header of the message.\n"
                                         : "--- Below this line is a copy of the message.\n";
  return bytes_set(to, line) && (names->boundary || (bytes_addc(to, '\n') && add_return_path(to, names)));
}

int report_fields(stralloc *to, struct bounce_names const *names, struct field envid, time_t arrival)
{
  return bytes_set(to, "")
      && add_boundary(to, names, "\nContent-Type: message/delivery-status\n")
      && (!envid.len || (bytes_add(to, "\nOriginal-Envelope-Id: ") && xtext_decode(to, envid.s, envid.len)))
      && bytes_add(to, "\nReporting-MTA: dns; ")
      && bytes_addx(to, names->host)
      && bytes_add(to, "\nArrival-Date: ")
      && date_header(to, arrival)
      && bytes_addc(to, '\n');
}

/* Of all of the message, of its header; where those are beyond ASCII (RFC 6533 6). */
static char const *const originals[2][2] = {
  { "\nContent-Type: message/rfc822", "\nContent-Type: text/rfc822-headers" },
  { "\nContent-Type: message/global", "\nContent-Type: message/global-headers" }
};

int report_original(stralloc *to, struct bounce_names const *names)
{
  return bytes_set(to, "")
      && add_boundary(to, names, originals[names->is_wide][names->headers_only])
      && bytes_add(to, "\nContent-Transfer-Encoding: 8bit\n\n")
      && add_return_path(to, names);
}

int report_end(stralloc *to, struct bounce_names const *names)
{
  return bytes_set(to, "") && add_boundary(to, names, "--\n");
}
