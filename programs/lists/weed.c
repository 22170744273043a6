#include <string.h>
#include <strings.h>

#include "mime_type.h"
#include "weed.h"

static bool begins(struct field f, char const *with)
{
  size_t len = strlen(with);
  return f.len >= len && !memcmp(f.s, with, len);
}

static bool begins_anycase(struct field f, char const *with)
{
  size_t len = strlen(with);
  return f.len >= len && !strncasecmp(f.s, with, len);
}

/* ---- the header ---- */

static char const *const unwanted[] = {
  "Subject: success notice", "Subject: deferral notice", "Mailing-List:", "List-ID:", "X-Mailing-List:", "X-ML-Name:", "List-Help:",
  "List-Unsubscribe:", "List-Subscribe:", "List-Post:", "List-Owner:", "List-Archive:", "Subject: Message status - delivered",
  "Subject: Message status - opened", "Subject: Out of Office AutoReply:", "X-Amazon-Auto-Reply:", "X-Mailer: KANA Response",
  "Thread-Topic: AutoResponse", "Subject: AutoResponse -", 0
};

/* What reports of failures say of themselves, too. */
static char const *const automatic[] = { "Precedence: bulk", "Precedence: junk", "Precedence: list", "Auto-Submitted:", 0 };

static char const *const warnings[] = {
  "Subject: Warning: could not send message", "Subject: Returned mail: warning: cannot send message", 0
};

/* "Precedence: bulk", or "List-ID:" whatever its value is. A name has no case, and what is behind it begins as it is written there. */
static bool is_like(struct mail_header const *h, struct mail_header_field const *f, char const *line)
{
  size_t const name_len = strcspn(line, ":");
  char const *value = line + name_len + 1;
  struct field const name = mail_header_name(h, f);
  if (name.len != name_len || strncasecmp(name.s, line, name_len) != 0) return false;
  return !*value || begins(mail_header_value(h, f), value + 1);
}

static bool is_any(struct mail_header const *h, struct mail_header_field const *f, char const *const *of)
{
  while (*of && !is_like(h, f, *of)) of++;
  return *of;
}

static bool header_has(struct mail_header const *h, char const *const *any)
{
  for (size_t i = 0; i < mail_header_count(h); i++)
    if (is_any(h, mail_header_field(h, i), any)) return true;
  return false;
}

static bool is_of_mailer(struct mail_header const *h)
{
  struct field from;
  return mail_header_find(&from, h, "from") && begins_anycase(from, "Mail Delivery Subsystem");
}

/* ---- a report ---- */

static bool is_status(void *arg, struct field content_type)
{
  struct mime_type type;
  (void)arg;
  mime_type_read(&type, content_type);
  return mime_type_is(type.name, "message/delivery-status");
}

static struct field trimmed(struct field f)
{
  while (f.len && strchr(" \t", *f.s)) f.s++, f.len--;
  while (f.len && strchr(" \t\r\n", f.s[f.len - 1])) f.len--;
  return f;
}

static void take_status(void *arg, enum mime_what what, char const *s, size_t len)
{
  static char const name[] = "action:";
  struct weed *w = arg;
  struct field line = { s, len };
  if (what != MIME_BODY || w->verdict != WEED_OPEN || !len) return;
  if (!w->in_line && begins_anycase(line, name)) {
    struct field action = trimmed((struct field){ s + sizeof name - 1, len - (sizeof name - 1) });
    w->verdict = action.len == 6 && !strncasecmp(action.s, "failed", 6) ? WEED_KEEP : WEED_DROP;
  }
  w->in_line = s[len - 1] != '\n';
}

static bool is_word(stralloc const *s, char const *word)
{
  return s->len == strlen(word) && !strncasecmp(s->s, word, s->len);
}

/* A report without a boundary says nothing. */
static bool begin_report(struct weed *w, struct mail_header const *h)
{
  struct field content_type;
  struct mime_type type;
  if (!mail_header_find(&content_type, h, "content-type")) return false;
  mime_type_read(&type, content_type);
  if (!mime_type_is(type.name, "multipart/report")) return false;
  if (!mime_type_parameter(&w->boundary, content_type, "report-type") || !is_word(&w->boundary, "delivery-status")) return false;
  if (!mime_type_parameter(&w->boundary, content_type, "boundary")) return false;
  w->walk = (struct mime_walk){ .boundary = { w->boundary.s, w->boundary.len }, .keeps = is_status, .put = take_status, .arg = w };
  mime_walk_begin(&w->walk);
  return true;
}

/* ---- a box of stars ---- */

enum { BOX = 4 };

static bool says(struct field line, char const *what)
{
  return memmem(line.s, line.len, what, strlen(what));
}

static void take_line(struct weed *w, struct field line)
{
  line = trimmed(line);
  w->stars = begins(line, "**") ? w->stars + 1 : 0;
  w->is_warning = w->stars && (w->is_warning || says(line, "WARNING MESSAGE ONLY"));
  if (w->stars >= BOX && w->is_warning) w->verdict = WEED_DROP;
}

/* ---- all of it ---- */

void weed_begin(struct weed *w, struct mail_header const *h)
{
  *w = (struct weed){ .verdict = WEED_DROP, .boundary = w->boundary };
  if (header_has(h, unwanted)) return;
  w->otherwise = header_has(h, automatic) ? WEED_DROP : WEED_KEEP;
  w->is_report = begin_report(w, h);
  bool open = w->is_report || (w->otherwise == WEED_KEEP && is_of_mailer(h) && header_has(h, warnings));
  w->verdict = open ? WEED_OPEN : w->otherwise;
}

void weed_piece(struct weed *w, struct line_piece const *piece)
{
  if (w->is_report) mime_walk_piece(&w->walk, piece);
  else if (piece->begins) take_line(w, (struct field){ piece->s, piece->len });
}

enum weed_verdict weed_end(struct weed *w)
{
  if (w->is_report) mime_walk_end(&w->walk);
  return w->verdict == WEED_OPEN ? w->otherwise : w->verdict;
}
