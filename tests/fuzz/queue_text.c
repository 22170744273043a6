/* Texts qmail-send makes of foreign words: sender, NUL, recipient, NUL, report. A bounce's header has its
   nine fields and no more, a paragraph no empty line but at its end. */

#include "bytes.h"
#include "fuzz.h"

#include "send_text.h"

static stralloc host = STRALLOC_ZERO, from = STRALLOC_ZERO, out = STRALLOC_ZERO;

static void check_paragraph(char const *recipient, struct part report)
{
  bounce_paragraph(&out, recipient, &host, report.s, report.len);
  assert(times(out.s, out.len - 2, "\n\n") == 0 && !memcmp(out.s + out.len - 2, "\n\n", 2));
}

static size_t header_length(stralloc const *message)
{
  for (size_t i = 0; i + 1 < message->len; i++)
    if (message->s[i] == '\n' && message->s[i + 1] == '\n') return i + 1;
  return message->len;
}

static void check_bounce(char const *sender)
{
  struct bounce_names const names = {
    .from = &from, .host = &host, .to = sender, .to_len = strlen(sender), .sender = sender
  };
  assert(bounce_head(&out, &names, 1));
  size_t len = header_length(&out);
  assert(times(out.s, len, "\n") == 9 && !holds(out.s, len, '\r') && times(out.s, len, "\nTo: ") == 1);
  assert(bounce_break(&out, &names));
  assert(times(out.s, out.len, "\n") == 3);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part report = whole(data, size), a = part_before(&report, 0), b = part_before(&report, 0);
  char *sender = strndup(a.len ? a.s : "", a.len), *recipient = strndup(b.len ? b.s : "", b.len);
  assert(bytes_set(&host, "mail.example.org") && bytes_set(&from, "MAILER-DAEMON"));
  check_paragraph(recipient, report);
  check_bounce(sender);
  verp_expand(&out, sender, recipient);
  assert(out.len <= a.len + b.len + 1);
  free(sender), free(recipient);
  return 0;
}
