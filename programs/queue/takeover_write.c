#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "queue_message.h"
#include "takeover_envelope.h"
#include "takeover_read.h"
#include "takeover_write.h"
#include "text.h"

/* ---- reading ---- */

/* Appends a state file; its mtime is the message's birth or the channel's next attempt. False when the file is
   larger than any envelope may be. */
static bool add_file(stralloc *to, struct old_file const *f, uint64_t *mtime)
{
  char path[OLD_PATH_MAX];
  old_path(path, f);
  int fd = old_open(path);
  struct stat st = old_stat(fd, path);
  bool fits = (uint64_t)st.st_size + to->len <= QUEUE_ENVELOPE_MAX;
  size_t size = fits ? (size_t)st.st_size : 0;
  if (!bytes_room(to, size + 1)) die_nomem();
  if (allread(fd, to->s + to->len, size) < size) strerr_diefusys(111, "read ", path);
  to->len += size;
  fd_close(fd);
  *mtime = st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0;
  return fits;
}

static void add_record(stralloc *to, char letter, char const *s, size_t len)
{
  text_addc(to, letter);
  text_addb(to, s, len);
  text_addc(to, 0);
}

static void add_number(stralloc *to, char letter, uint64_t number)
{
  char digits[UINT64_FMT];
  add_record(to, letter, digits, uint64_fmt(digits, number));
}

static struct { char const *words, *user; } const callers[] = {
  { "from network", "qmaild" }, { "for bounce", "qmails" }, { "by alias", "alias" }
};

static uint64_t uid_of(char const *who, size_t len)
{
  uint64_t uid;
  char words[32];
  if (len >= sizeof words) return 0;
  memcpy(words, who, len);
  words[len] = 0;
  if (!strncmp(words, "by uid ", 7) && uint640_scan(words + 7, &uid)) return uid;
  for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
    struct passwd const *pw = strcmp(words, callers[i].words) != 0 ? 0 : getpwnam(callers[i].user);
    if (pw) return pw->pw_uid;
  }
  return 0;
}

/* A preprocessed message has only its Received line to tell who handed it in. */
static void add_origin(stralloc *to, char const *path)
{
  static char block[OLD_BLOCK];
  uint64_t pid;
  char const *who;
  size_t len;
  int fd = old_open(path);
  bool known = old_received(block, old_read(fd, block, path), &pid, &who, &len);
  fd_close(fd);
  if (!known) return;
  add_number(to, 'u', uid_of(who, len));
  add_number(to, 'p', pid);
}

static void add_local_recipients(stralloc *to, stralloc const *records, uint64_t id,
                                 struct route_table *routes)
{
  stralloc address = STRALLOC_ZERO;
  struct queue_record r;
  char number[UINT64_FMT];
  number[uint64_fmt(number, id)] = 0;
  for (size_t at = 0; queue_envelope_next(records, &at, &r);) {
    int found = old_local_recipient(routes, &address, r.text, r.len);
    if (found == -1) die_nomem();
    if (!found && r.letter == 'T')
      strerr_warnw("message ", number, ": ", r.text, " is not local any more, goes to ", text_z(&address));
    add_record(to, r.letter, address.s, address.len);
  }
  stralloc_free(&address);
}

/* The records of a channel's file are the envelope's when a sender stands before them. */
static bool channel_valid(stralloc const *records)
{
  stralloc whole = STRALLOC_ZERO;
  add_record(&whole, 'F', "", 0);
  text_addb(&whole, records->s, records->len);
  bool valid = queue_envelope_valid(whole.s, whole.len);
  stralloc_free(&whole);
  return valid;
}

/* Queued, not yet preprocessed: todo says all. Leftovers of a preprocessing that was cut short count for nothing. */
static bool read_todo(struct birth *b, struct old_message const *m)
{
  return add_file(&b->envelope, old_file_of(m, OLD_TODO), &b->born)
      && queue_envelope_valid(b->envelope.s, b->envelope.len);
}

/* Preprocessed: the sender from info, each channel's recipients from its file, if it is not finished. */
static bool read_info(struct birth *b, struct old_message const *m, char const *mess_path,
                      struct route_table *routes)
{
  stralloc text = STRALLOC_ZERO;
  bool valid = add_file(&text, old_file_of(m, OLD_INFO), &b->born)
      && text.len && text.s[0] == 'F' && queue_envelope_valid(text.s, text.len);
  add_origin(&b->envelope, mess_path);
  text_addb(&b->envelope, text.s, text.len);
  static int const kinds[CHANNELS] = { [CHANNEL_LOCAL] = OLD_LOCAL, [CHANNEL_REMOTE] = OLD_REMOTE };
  for (int c = 0; c < CHANNELS && valid; c++) {
    struct old_file const *f = old_file_of(m, kinds[c]);
    if (!f) continue;
    text.len = 0;
    valid = add_file(&text, f, b->due + c) && channel_valid(&text);
    if (!valid) break;
    if (c == CHANNEL_LOCAL) add_local_recipients(&b->envelope, &text, m->id, routes);
    else text_addb(&b->envelope, text.s, text.len);
  }
  stralloc_free(&text);
  return valid && queue_envelope_valid(b->envelope.s, b->envelope.len) && b->envelope.len <= QUEUE_ENVELOPE_MAX;
}

bool birth_read(struct birth *b, struct old_message const *m, char const *mess_path,
                struct route_table *routes)
{
  return old_file_of(m, OLD_TODO) ? read_todo(b, m) : read_info(b, m, mess_path, routes);
}

/* ---- writing ---- */

static void write_all(struct queue_writer *w, struct birth const *b, char const *mess_path)
{
  static char block[OLD_BLOCK];
  struct queue_record r;
  int fd = old_open(mess_path);
  for (size_t n; (n = old_read(fd, block, mess_path));) queue_write_message(w, block, n);
  fd_close(fd);
  for (size_t at = 0; queue_envelope_next(&b->envelope, &at, &r);) queue_write_record(w, r.letter, r.text, r.len);
  memcpy(w->due, b->due, sizeof w->due);
}

void birth_write(struct birth const *b, uint64_t id, char const *mess_path)
{
  static struct queue_writer w;
  queue_write_begin(&w);
  enum queue_write_result r = queue_write_file(&w);
  if (r == QUEUE_WRITTEN) {
    write_all(&w, b, mess_path);
    if (fchown(w.fd, account_uid("qmailq"), account_gid("qmail")) == -1) r = QUEUE_CANNOT_WRITE;
    else r = queue_write_commit_as(&w, b->born, id);
  }
  int e = errno;
  queue_write_end(&w);
  errno = e;
  if (r != QUEUE_WRITTEN) strerr_diefusys(111, "write the new file of ", mess_path);
}
