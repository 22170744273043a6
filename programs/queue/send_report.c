#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>

#include "bytes.h"
#include "deferral.h"
#include "envelope_extra.h"
#include "envelope_words.h"
#include "notify.h"
#include "queue_client.h"
#include "queue_message.h"
#include "send.h"
#include "send_destination.h"
#include "send_log.h"
#include "send_recipients.h"
#include "send_report.h"
#include "send_text.h"
#include "send_timetable.h"
#include "status_text.h"
#include "utf8.h"

enum {
  BLOCK = 65536,
  PARAGRAPH_MAX = 65536,        /* bytes of a paragraph that are read for its fields */
  HEADER_MAX = 65536,           /* bytes of a message's header that go back */
  REASONS_MAX = 100             /* recipients who wait, of whom it is told why */
};

static char const *const directories[REPORT_KINDS] = {
  [REPORT_FAILURE] = "bounce", [REPORT_SUCCESS] = "success", [REPORT_DELAY] = 0
};

void report_path(char path[REPORT_PATH_MAX], enum report_kind kind, uint64_t id)
{
  snprintf(path, REPORT_PATH_MAX, "%s/%llu", directories[kind], (unsigned long long)id);
}

int report_open(enum report_kind kind, uint64_t id, int how)
{
  char path[REPORT_PATH_MAX];
  report_path(path, kind, id);
  return open(path, how | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

struct sending {
  enum report_kind kind;
  uint64_t id;
  struct queue_message original;
  stralloc envelope, extras;    /* of it; words of the message */
  size_t looked;                /* in the envelope: where the last recipient was found */
  bool has_originals;           /* somebody has an ORCPT */
  int texts;
  struct bounce_names names;
};

/* ---- the texts, paragraph by paragraph ---- */

/* True while there is one; what is too long is cut. */
static bool next_paragraph(buffer *b, stralloc *paragraph)
{
  char c, before = 0;
  paragraph->len = 0;
  while (buffer_get(b, &c, 1) == 1) {
    if (c == '\n' && before == '\n') return true;
    if (paragraph->len < PARAGRAPH_MAX && !bytes_addc(paragraph, c)) return false;
    before = c;
  }
  return paragraph->len > 0;
}

static bool is_recipient(struct queue_record const *r)
{
  return r->letter == 'T' || r->letter == 'D';
}

/* Whose paragraph it is: as bounce_address writes him. */
static bool is_he(struct queue_record const *r, struct field recipient)
{
  static stralloc name = STRALLOC_ZERO;
  if (r->len > recipient.len || strncasecmp(r->text, recipient.s, 1) != 0) return false;
  name.len = 0;
  bounce_address(&name, r->text, &routes.envnoathost);
  return field_same((struct field){ name.s, name.len }, recipient);
}

/* Paragraphs come more or less in the order of the envelope, so the search goes on from where the last one ended. */
static bool find_recipient(struct sending *r, struct field recipient, size_t *offset)
{
  struct queue_record record;
  for (int round = 0; round < 2; round++) {
    size_t at = round ? 0 : r->looked;
    while (queue_envelope_next(&r->envelope, &at, &record)) {
      if (!is_recipient(&record) || !is_he(&record, recipient)) continue;
      r->looked = at;
      *offset = record.offset;
      return true;
    }
  }
  return false;
}

static struct field original_of(struct sending *r, struct field recipient)
{
  static stralloc his = STRALLOC_ZERO;
  struct field value = { "", 0 };
  size_t offset;
  if (!r->has_originals || !find_recipient(r, recipient, &offset)) return value;
  envelope_words_of(&his, &r->envelope, offset);
  if (!extra_find(&value, his.s, his.len, EXTRA_ORCPT)) value.len = 0;
  return value;
}

/* ---- writing ---- */

static bool copy(struct queue_client *to, int fd, uint64_t len)
{
  static char block[BLOCK];
  while (len) {
    ssize_t n = read(fd, block, len < sizeof block ? (size_t)len : sizeof block);
    if (n == -1 && errno == EINTR) continue;
    if (n <= 0) return n == 0 && len == UINT64_MAX;
    queue_client_put(to, block, (size_t)n);
    if (len != UINT64_MAX) len -= (uint64_t)n;
  }
  return true;
}

/* As much of a message's header as goes back; null when it cannot be read. */
static char const *read_header(int fd, uint64_t len, size_t *header_len)
{
  static char header[HEADER_MAX];
  size_t most = len < sizeof header ? (size_t)len : sizeof header, n = allread(fd, header, most), end = 0;
  if (n < most) return 0;
  while (end < n && !(header[end] == '\n' && (end + 1 == n || header[end + 1] == '\n'))) end++;
  *header_len = end < n ? end + 1 : n;
  return header;
}

static bool copy_header(struct queue_client *to, int fd, uint64_t len)
{
  size_t header_len;
  char const *header = read_header(fd, len, &header_len);
  if (header) queue_client_put(to, header, header_len);
  return header;
}

static bool rewound(int fd)
{
  return lseek(fd, 0, SEEK_SET) == 0;
}

static bool put_original(struct queue_client *q, struct sending const *r)
{
  uint64_t len = r->original.message_len;
  return rewound(r->original.fd) && (r->names.headers_only ? copy_header : copy)(q, r->original.fd, len);
}

static bool put(struct queue_client *q, stralloc const *text, int made)
{
  if (made) queue_client_put(q, text->s, text->len);
  return made;
}

static enum status_action action_of(enum report_kind kind, struct field text)
{
  return kind == REPORT_FAILURE ? STATUS_FAILED : kind == REPORT_DELAY ? STATUS_DELAYED : status_action_of(text);
}

/* By when he is given up. */
static time_t retried_until(struct sending const *r, char const *recipient, size_t len)
{
  static stralloc address = STRALLOC_ZERO;
  size_t domain_len;
  enum channel c = recipient_route(&address, recipient, len);
  char const *domain = destination_domain(address.s, address.len, &domain_len);
  return (time_t)(r->original.birth + timetable_lifetime(c, domain, domain_len));
}

/* For programs the same that stands in the paragraphs for people. */
static bool put_groups(struct queue_client *q, struct sending *r)
{
  static stralloc paragraph = STRALLOC_ZERO, group = STRALLOC_ZERO;
  static char block[BLOCK];
  struct status s = { .retry_until = 0 };
  buffer b = BUFFER_INIT(&buffer_read, r->texts, block, sizeof block);
  if (!rewound(r->texts)) return false;
  while (next_paragraph(&b, &paragraph)) {
    if (!status_of_paragraph(&s, paragraph.s, paragraph.len)) continue;
    s.action = action_of(r->kind, s.text);
    s.original = original_of(r, s.recipient);
    if (r->kind == REPORT_DELAY) s.retry_until = retried_until(r, s.recipient.s, s.recipient.len);
    group.len = 0;
    if (!put(q, &group, status_add(&group, &s))) return false;
  }
  return true;
}

static bool put_report(struct queue_client *q, struct sending *r)
{
  stralloc text = STRALLOC_ZERO;
  struct bounce_names const *n = &r->names;
  if (!put(q, &text, bounce_head(&text, n, time(0))) || !rewound(r->texts) || !copy(q, r->texts, UINT64_MAX)) return false;
  if (!put(q, &text, bounce_break(&text, n))) return false;
  if (!n->boundary) return put_original(q, r);
  struct field envid = { "", 0 };
  if (!extra_find(&envid, r->extras.s, r->extras.len, EXTRA_ENVID)) envid.len = 0;
  return put(q, &text, report_fields(&text, n, envid, (time_t)r->original.birth)) && put_groups(q, r)
      && put(q, &text, report_original(&text, n)) && put_original(q, r) && put(q, &text, report_end(&text, n));
}

/* ---- sending ---- */

static bool inject(struct sending *r, char const *sender, unsigned long *qp)
{
  static struct queue_client q;
  if (!queue_client_open(&q)) {
    log_line("warning: unable to start qmail-queue, will try later");
    return false;
  }
  if (!put_report(&q, r)) queue_client_fail(&q);
  queue_client_from(&q, sender, strlen(sender));
  if (!utf8_is_ascii(r->names.to, r->names.to_len)) queue_client_extra(&q, EXTRA_SMTPUTF8, "", 0);
  queue_client_to(&q, r->names.to, r->names.to_len);
  if (*queue_client_close(&q)) {
    log_line("warning: trouble injecting bounce message, will try later");
    return false;
  }
  *qp = queue_client_qp(&q);
  return true;
}

/* The postmaster who wants to know of failures gets no text of anybody, and no news of his own copies' failure. */
static void inject_copy(struct sending *r)
{
  static stralloc to = STRALLOC_ZERO;
  unsigned long qp;
  to.len = 0;
  if (r->kind != REPORT_FAILURE || r->names.is_double || !settings.bouncecopyto.len) return;
  if (!bytes_addx(&to, &settings.bouncecopyto)) return;
  if (!memchr(to.s, '@', to.len) && !(bytes_addc(&to, '@') && bytes_addx(&to, &settings.bouncehost))) return;
  r->names.to = to.s;
  r->names.to_len = to.len;
  r->names.headers_only = true;
  if (inject(r, "#@[]", &qp)) log_line("notice msg %llu qp %lu: copy of a bounce", (unsigned long long)r->id, qp);
}

/* The name must be gone for good before the number can come back: the next message of this number would
   inherit the text. */
static int drop_texts(enum report_kind kind, uint64_t id)
{
  char path[REPORT_PATH_MAX];
  report_path(path, kind, id);
  if (unlink(path) == -1 && errno != ENOENT) {
    log_line("warning: unable to unlink %s", path);
    return REPORT_STAYS;
  }
  int fd = open(directories[kind], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1 || fsync(fd) == -1) log_line("warning: trouble fsyncing %s", directories[kind]);
  return REPORT_DONE;
}

/* ---- to whom, and in which form ---- */

/* To the sender, or for a bounce that failed to the postmaster. False without memory. */
static bool address(struct sending *r, char const *sender)
{
  static stralloc to = STRALLOC_ZERO;
  struct bounce_names *n = &r->names;
  n->kind = r->kind;
  n->from = &settings.bouncefrom;
  n->host = &settings.bouncehost;
  n->sender = sender;
  n->is_double = !*sender;
  bool ok = n->is_double
    ? bytes_setx(&to, &settings.doublebounceto)
        && bytes_addc(&to, '@') && bytes_addx(&to, &settings.doublebouncehost)
    : bytes_setb(&to, sender, verp_stripped(sender, strlen(sender)));
  n->to = to.s;
  n->to_len = to.len;
  return ok;
}

static bool choose_boundary(char boundary[REPORT_BOUNDARY + 1])
{
  unsigned char random[REPORT_BOUNDARY / 2];
  if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return false;
  for (size_t i = 0; i < sizeof random; i++) snprintf(boundary + 2 * i, 3, "%02x", random[i]);
  return true;
}

/* A bounce that bounced is for the postmaster's eyes, and stays as it ever was. */
static bool is_plain(struct sending const *r)
{
  stralloc const *format = &settings.bounceformat;
  return r->kind == REPORT_FAILURE && (r->names.is_double || (format->len == 5 && !memcmp(format->s, "qsbmf", 5)));
}

/* Old junk in a header of which nobody has said that it is UTF-8 goes back as it came. */
static bool learn_width(struct sending *r)
{
  struct field flag;
  size_t len;
  bool sender_is_wide = !utf8_is_ascii(r->names.sender, strlen(r->names.sender));
  r->names.is_wide = extra_find(&flag, r->extras.s, r->extras.len, EXTRA_SMTPUTF8);
  if (!r->names.is_wide || sender_is_wide) return true;
  char const *header = rewound(r->original.fd) ? read_header(r->original.fd, r->original.message_len, &len) : 0;
  r->names.is_wide = header && !utf8_is_ascii(header, len);
  return header;
}

static bool dress(struct sending *r)
{
  static char boundary[REPORT_BOUNDARY + 1];
  struct field ret;
  struct queue_record record;
  bool wants_header = extra_find(&ret, r->extras.s, r->extras.len, EXTRA_RET) && field_is(ret, "HDRS");
  bool too_large = settings.bouncemaxbytes && r->original.message_len > settings.bouncemaxbytes;
  r->names.headers_only = wants_header || too_large || r->kind != REPORT_FAILURE;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);)
    r->has_originals = r->has_originals || record.letter == EXTRA_ORCPT;
  if (is_plain(r)) return true;
  r->names.boundary = boundary;
  return choose_boundary(boundary) && learn_width(r);
}

static bool open_original(struct sending *r)
{
  if (queue_message_open(&r->original, r->id, true) != QUEUE_READ) return false;
  if (queue_message_envelope(&r->original, &r->envelope) != QUEUE_READ) return false;
  envelope_words(&r->extras, &r->envelope);
  return true;
}

/* Nobody is told of success who has no name, nor of the failure of what was sent because a bounce had failed. */
static bool is_for_nobody(struct sending const *r, char const *sender)
{
  unsigned long long id = r->id;
  bool is_triple = !strcmp(sender, "#@[]"), is_double = !*sender;
  if (r->kind != REPORT_FAILURE) return is_triple || is_double;
  if (is_triple) log_line("triple bounce: discarding bounce/%llu", id);
  else if (is_double && !settings.doublebounceto.len) log_line("double bounce: discarding bounce/%llu", id);
  else return false;
  return true;
}

/* What a full disk left of a note that could not be taken. */
static bool is_empty(int fd)
{
  struct stat st;
  return fd != -1 && fstat(fd, &st) == 0 && st.st_size == 0;
}

static int send_texts(enum report_kind kind, uint64_t id)
{
  struct sending r = { .kind = kind, .id = id };
  unsigned long qp;
  r.texts = report_open(kind, id, O_RDONLY);
  if (r.texts == -1 && errno == ENOENT) return REPORT_DONE;
  if (is_empty(r.texts)) return drop_texts(kind, id);
  if (r.texts == -1 || !open_original(&r)) {
    log_line("warning: trouble injecting bounce message, will try later");
    return REPORT_LATER;
  }
  char const *sender = envelope_text(&r.envelope, 'F', "");
  if (is_for_nobody(&r, sender)) return drop_texts(kind, id);
  if (!address(&r, sender) || !dress(&r) || !inject(&r, r.names.is_double ? "#@[]" : "", &qp)) return REPORT_LATER;
  inject_copy(&r);
  /* The log may stand still: first the texts must go, or the bounce is sent again after a crash. */
  int end = drop_texts(kind, id);
  if (kind == REPORT_FAILURE) log_line("bounce msg %llu qp %lu", (unsigned long long)id, qp);
  else log_line("notice msg %llu qp %lu: success", (unsigned long long)id, qp);
  return end;
}

/* ---- the child ---- */

/* Only the log stays of our descriptors: a queue program must not hold the pipes of the spawners. The mutex
   stays held as long as this child lives, so that a new qmail-send cannot append to texts that are about to go. */
static void only_the_log(void)
{
  selfpipe_finish();
  int log = fcntl(0, F_DUPFD_CLOEXEC, 10);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (log == -1 || null == -1) _exit(REPORT_LATER);
  log_to(log);
  for (int fd = 0; fd <= 6; fd++) dup2(fd == 2 ? log : null, fd);
}

void report_child(uint64_t id)
{
  only_the_log();
  int end = send_texts(REPORT_FAILURE, id);
  _exit(end == REPORT_DONE ? send_texts(REPORT_SUCCESS, id) : end);
}

/* ---- mail that still waits ---- */

/* What the log made of the report: words and lines again. */
static void unlog(stralloc *text)
{
  for (size_t i = 0; i < text->len; i++) {
    char before = i ? text->s[i - 1] : 0, after = i + 1 < text->len ? text->s[i + 1] : 0;
    if (text->s[i] == '_') text->s[i] = ' ';
    else if (text->s[i] == '/' && before != ':' && before != '/' && after != '/') text->s[i] = '\n';
  }
}

static bool add_waiting(stralloc *to, struct sending const *r, struct queue_record const *record, stralloc const *reasons)
{
  static stralloc text = STRALLOC_ZERO, paragraph = STRALLOC_ZERO;
  struct deferral d = { .text_len = 0 };
  bool known = reasons && deferral_find(&d, reasons, r->original.fingerprint, record->offset);
  if (!bytes_setb(&text, known ? d.text : "", known ? d.text_len : 0)) return false;
  unlog(&text);
  if (!text.len && !bytes_set(&text, "It waits.\n")) return false;
  bounce_paragraph(&paragraph, record->text, &routes.envnoathost, text.s, text.len);
  return bytes_addx(to, &paragraph);
}

static bool wants_to_know(struct sending const *r, struct queue_record const *record, bool sender_is_local)
{
  static stralloc his = STRALLOC_ZERO;
  envelope_words_of(&his, &r->envelope, record->offset);
  unsigned wishes = extra_notify(his.s, his.len);
  return wishes ? wishes & NOTIFY_DELAY : sender_is_local;
}

static bool add_all_waiting(stralloc *to, struct sending *r, bool sender_is_local)
{
  stralloc reasons = STRALLOC_ZERO;
  struct queue_record record;
  char path[DEFERRAL_PATH_MAX];
  unsigned told = 0;
  deferral_path(path, r->id);
  if (!openslurpclose(&reasons, path)) reasons.len = 0;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);) {
    if (record.letter != 'T' || !wants_to_know(r, &record, sender_is_local)) continue;
    if (!add_waiting(to, r, &record, told++ < REASONS_MAX ? &reasons : 0)) return false;
    time_t until = retried_until(r, record.text, record.len);
    if (until > r->names.retry_until) r->names.retry_until = until;
  }
  return true;
}

static int send_delay(uint64_t id, uint32_t fingerprint, bool sender_is_local)
{
  struct sending r = { .kind = REPORT_DELAY, .id = id };
  stralloc texts = STRALLOC_ZERO;
  unsigned long qp;
  if (!open_original(&r)) return REPORT_LATER;
  if (r.original.fingerprint != fingerprint) return REPORT_DONE;
  if (!add_all_waiting(&texts, &r, sender_is_local)) return REPORT_LATER;
  if (!texts.len) return REPORT_DONE;
  r.texts = memfd_create("waiting", MFD_CLOEXEC);
  if (r.texts == -1 || allwrite(r.texts, texts.s, texts.len) < texts.len) return REPORT_LATER;
  if (!address(&r, envelope_text(&r.envelope, 'F', "")) || !dress(&r) || !inject(&r, "", &qp)) return REPORT_LATER;
  log_line("notice msg %llu qp %lu: delay", (unsigned long long)id, qp);
  return REPORT_DONE;
}

void report_delay_child(uint64_t id, uint32_t fingerprint, bool sender_is_local)
{
  only_the_log();
  _exit(send_delay(id, fingerprint, sender_is_local));
}
