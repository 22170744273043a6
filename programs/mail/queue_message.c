#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/uint32.h>
#include <skalibs/uint64.h>

#include "bytes.h"
#include "checksum.h"
#include "durable.h"
#include "lock.h"
#include "queue_message.h"
#include "queue_path.h"
#include "queue_plan.h"
#include "queue_spare.h"
#include "unnamed.h"

static char const magic[8] = { 'm', 'a', 'i', 'l', 't', 'r', 'e', 'e' };
enum {
  VERSION = 1,
  AT_VERSION = 8, AT_MESSAGE_CRC = 12, AT_MESSAGE_LEN = 16, AT_ENVELOPE_LEN = 24, AT_BIRTH = 32,
  AT_ENVELOPE_CRC = 40, AT_FOOTER_CRC = 44, AT_DUE = 48,
  NAME_TRIES = 100,
  COPY = 65536,
  LONG_AGO = 1                /* Unix seconds: due, but not the 0 of a message never tried */
};
/* The last record of a file whose plans check themselves, with the NUL before it. */
static char const last_record[4] = { 0, 'v', '2', 0 };
enum {
  TAIL = (int)sizeof last_record + QUEUE_FOOTER,
  LAST = TAIL - 1             /* bytes behind the records before */
};
/* Added to the inode number when that name is taken, as in a queue that came from another disk. */
#define NAME_STEP ((uint64_t)1 << 40)
/* In the next attempt of the local channel, where it has no check. */
#define ON_HOLD ((uint64_t)1 << 63)
#define HOUR ((uint64_t)3600)
/* The bits of an inode number that are taken: names must stay numbers that queue_id_scan reads. */
#define NAME_MASK (((uint64_t)1 << 62) - 1)

/* ---- writing ---- */

static bool is_recipient(char letter)
{
  return letter == 'T' || letter == 'D' || letter == 'K';
}

static bool fail(struct queue_writer *w, enum queue_write_result why)
{
  w->failed = why;
  w->error = errno;
  return false;
}

/* A file system without O_TMPFILE gets a name that no reader looks at, until queue_write_end. */
static int new_file(struct queue_writer *w)
{
  int fd = open("mess", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640);
  if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  snprintf(w->dot_name, sizeof w->dot_name, "mess/.%ld", (long)getpid());
  unlink(w->dot_name);
  return open(w->dot_name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0640);
}

static bool create(struct queue_writer *w)
{
  w->fd = new_file(w);
  return (w->fd != -1 && lock_try(w->fd)) || fail(w, QUEUE_CANNOT_CREATE);
}

static void write_through(struct queue_writer *w, char const *s, size_t len)
{
  if (w->fd == -1 && !create(w)) return;
  errno = 0;
  if (allwrite(w->fd, s, len) != len) fail(w, QUEUE_CANNOT_WRITE);
}

static void flush(struct queue_writer *w)
{
  if (!w->failed && w->used) write_through(w, w->buffer, w->used);
  w->used = 0;
}

/* Small pieces are gathered; of a large one all but its tail goes straight to the file. */
static void put(struct queue_writer *w, char const *s, size_t len)
{
  if (len < sizeof w->buffer - w->used) {
    memcpy(w->buffer + w->used, s, len);
    w->used += len;
    return;
  }
  flush(w);
  size_t tail = len % sizeof w->buffer;
  if (!w->failed && len > tail) write_through(w, s, len - tail);
  memcpy(w->buffer, s + (len - tail), tail);
  w->used = tail;
}

void queue_write_begin(struct queue_writer *w)
{
  w->fd = -1;
  w->dot_name[0] = 0;
  w->failed = QUEUE_WRITTEN;
  w->error = 0;
  memset(w->due, 0, sizeof w->due);
  w->message_len = w->envelope_len = w->used = 0;
  w->message_crc = w->envelope_crc = 0;
}

enum queue_write_result queue_write_file(struct queue_writer *w)
{
  create(w);
  return w->failed;
}

void queue_write_message(struct queue_writer *w, char const *s, size_t len)
{
  w->message_crc = checksum(w->message_crc, s, len);
  w->message_len += len;
  put(w, s, len);
}

/* Done is told from to do by five bits; the D of older releases differs from T in one. */
void queue_write_record(struct queue_writer *w, char letter, char const *s, size_t len)
{
  char const checked = letter == 'D' ? 'T' : letter;
  if (letter == 'D') letter = 'K';
  w->envelope_crc = checksum(w->envelope_crc, &checked, 1);
  w->envelope_crc = checksum(w->envelope_crc, s, len);
  w->envelope_crc = checksum(w->envelope_crc, "", 1);
  w->envelope_len += len + 2;
  put(w, &letter, 1);
  put(w, s, len);
  put(w, "", 1);
}

/* ---- plans ---- */

static uint32_t salt(uint32_t fingerprint, size_t channel)
{
  return fingerprint + (uint32_t)channel;
}

static uint64_t plan_of(uint64_t due, uint64_t birth, bool on_hold, uint32_t fingerprint, size_t channel)
{
  uint64_t hours = due > birth && due != QUEUE_NEVER ? (due - birth) / HOUR : 0;
  return queue_plan_pack(&(struct queue_plan){ due, hours, on_hold }, salt(fingerprint, channel));
}

/* An older release has planned the message: then its D counts, and the numbers stay without check. */
static bool is_older(uint64_t number)
{
  struct queue_plan p;
  number &= ~ON_HOLD;
  return number && queue_plan_unpack(&p, number, 0) == QUEUE_PLAN_PLAIN;
}

/* The clock was set since the birth: what was known at the last plan counts. */
static void birth_correct(struct queue_message *m, struct queue_plan const *p, uint64_t birth)
{
  if (!p->due || p->due == QUEUE_NEVER || p->hours == QUEUE_HOURS_MAX) return;
  uint64_t born = p->due - (p->due < p->hours * HOUR ? p->due : p->hours * HOUR);
  uint64_t apart = born > birth ? born - birth : birth - born;
  if (apart > 2 * HOUR) m->birth = born;
}

static void plans_read(struct queue_message *m, uint64_t const numbers[CHANNELS])
{
  uint64_t birth = m->birth;
  m->on_hold = false;
  for (size_t c = 0; c < CHANNELS; c++) {
    struct queue_plan p;
    bool damaged = queue_plan_unpack(&p, numbers[c], salt(m->fingerprint, c)) == QUEUE_PLAN_DAMAGED;
    m->due[c] = damaged ? LONG_AGO : p.due;
    if (damaged) m->doubtful = true;
    else {
      m->on_hold |= p.on_hold;
      birth_correct(m, &p, birth);
    }
  }
}

static void plans_read_unchecked(struct queue_message *m, uint64_t const numbers[CHANNELS])
{
  for (size_t c = 0; c < CHANNELS; c++) m->due[c] = numbers[c];
  m->on_hold = m->due[CHANNEL_LOCAL] & ON_HOLD;
  m->due[CHANNEL_LOCAL] &= ~ON_HOLD;
}

static void footer_pack(char footer[QUEUE_FOOTER], struct queue_writer const *w, uint64_t birth)
{
  memset(footer, 0, QUEUE_FOOTER);
  memcpy(footer, magic, sizeof magic);
  uint32_pack(footer + AT_VERSION, VERSION);
  uint32_pack(footer + AT_MESSAGE_CRC, w->message_crc);
  uint64_pack(footer + AT_MESSAGE_LEN, w->message_len);
  uint64_pack(footer + AT_ENVELOPE_LEN, w->envelope_len);
  uint64_pack(footer + AT_BIRTH, birth);
  uint32_pack(footer + AT_ENVELOPE_CRC, w->envelope_crc);
  uint32_t fingerprint = checksum(0, footer, AT_FOOTER_CRC);
  uint32_pack(footer + AT_FOOTER_CRC, fingerprint);
  for (size_t c = 0; c < CHANNELS; c++)
    uint64_pack(footer + AT_DUE + 8 * c, plan_of(w->due[c], birth, false, fingerprint, c));
}

static bool give_name(struct queue_writer const *w, uint64_t *id)
{
  struct stat st;
  char path[QUEUE_PATH_MAX];
  if (fstat(w->fd, &st) == -1) return false;
  *id = (uint64_t)st.st_ino & NAME_MASK;
  for (int i = 0; i < NAME_TRIES; i++, *id += NAME_STEP) {
    queue_path_mess(path, *id);
    if (unnamed_link(w->fd, AT_FDCWD, path)) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

static void take_name_back(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  int e = errno;
  queue_path_mess(path, id);
  unlink(path);
  errno = e;
}

/* The last records, so that with them and the footer there are so many bytes; 0: as many as come of it. */
static void close_envelope(struct queue_writer *w, size_t size)
{
  size_t const rest = size ? size - w->used - LAST : 0;
  char *at = w->buffer + w->used;
  if (rest) {
    at[0] = 'z';
    memset(at + 1, ' ', rest - 2);
    at[rest - 1] = 0;
    w->envelope_crc = checksum(w->envelope_crc, at, rest);
    w->envelope_len += rest;
    w->used += rest;
  }
  queue_write_record(w, last_record[1], last_record + 2, 1);
}

static bool finish(struct queue_writer *w, uint64_t birth, size_t size)
{
  char footer[QUEUE_FOOTER];
  close_envelope(w, size);
  footer_pack(footer, w, birth);
  put(w, footer, sizeof footer);
  flush(w);
  errno = w->error;
  return !w->failed;
}

/* Which of the sizes it gets; a record has two bytes at least. */
static size_t index_wanted(struct queue_writer const *w)
{
  if (!w->uses_again || w->fd != -1) return QUEUE_SPARE_SIZES;
  size_t const len = w->used + LAST, i = queue_spare_index(len);
  return i < QUEUE_SPARE_SIZES && queue_spare_size(i) == len + 1 ? i + 1 : i;
}

/* The file goes under its lock: nobody has it but we. */
static enum queue_write_result spoiled(struct queue_writer const *w, uint64_t id)
{
  take_name_back(id);
  return w->failed ? w->failed : QUEUE_CANNOT_WRITE;
}

/* It has its name, which is durable: nothing but bytes changes, and the flush of the device is all there is to wait for. The magic, in the last
   of them, makes it a message; a power cut that leaves a part of the others leaves what its checksums give away. */
static enum queue_write_result write_over(struct queue_writer *w, uint64_t birth, size_t index, uint64_t id)
{
  if (!finish(w, birth, queue_spare_size(index)) || fdatasync(w->fd) == -1) return spoiled(w, id);
  return QUEUE_WRITTEN;
}

static enum queue_write_result write_new(struct queue_writer *w, uint64_t birth, size_t index, uint64_t *id)
{
  if (w->fd == -1 && !w->failed) create(w);
  bool const suits = !w->failed && index < QUEUE_SPARE_SIZES && queue_spare_suits(w->fd);
  if (!finish(w, birth, suits ? queue_spare_size(index) : 0)) return w->failed;
  if (!durable_bytes(w->fd)) return QUEUE_CANNOT_WRITE;
  if (!give_name(w, id)) return QUEUE_CANNOT_LINK;
  /* The bytes are on their way before the name is given, and one fsync after the link commits both (RFC 5321 6.1 is
     kept from here on). Before it a crash leaves nothing or a file nobody was told of. A failed fsync is final: the
     file goes. */
  if (fsync(w->fd) == 0) return QUEUE_WRITTEN;
  take_name_back(*id);
  return QUEUE_CANNOT_WRITE;
}

enum queue_write_result queue_write_commit(struct queue_writer *w, uint64_t birth, uint64_t *id)
{
  size_t const index = index_wanted(w);
  if (index < QUEUE_SPARE_SIZES) w->fd = queue_spare_take(index, id);
  if (index < QUEUE_SPARE_SIZES && w->fd != -1) return write_over(w, birth, index, *id);
  return write_new(w, birth, index, id);
}

/* rename(2) wants a name to rename: a dot-name beside the final one, which no reader looks at. */
static bool replace(struct queue_writer const *w, uint64_t id)
{
  char path[QUEUE_PATH_MAX], aside[QUEUE_PATH_MAX + 1];
  queue_path_mess(path, id);
  char const *base = strrchr(path, '/') + 1;
  snprintf(aside, sizeof aside, "%.*s.%s", (int)(base - path), path, base);
  unlink(aside);
  if (!unnamed_link(w->fd, AT_FDCWD, aside)) return false;
  if (rename(aside, path) == -1) return (unlink(aside), false);
  /* The rename is on disk only with its directory. */
  *strrchr(aside, '/') = 0;
  int dir = open(aside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool synced = dir != -1 && fsync(dir) == 0;
  if (dir != -1) fd_close(dir);
  return synced;
}

enum queue_write_result queue_write_commit_as(struct queue_writer *w, uint64_t birth, uint64_t id)
{
  if (!finish(w, birth, 0)) return w->failed;
  if (fsync(w->fd) == -1) return QUEUE_CANNOT_WRITE;
  return replace(w, id) ? QUEUE_WRITTEN : QUEUE_CANNOT_LINK;
}

void queue_write_end(struct queue_writer *w)
{
  if (w->dot_name[0]) unlink(w->dot_name);
  if (w->fd != -1) fd_close(w->fd);
  w->fd = -1;
}

/* ---- reading ---- */

static bool read_at(int fd, char *to, size_t len, uint64_t offset)
{
  while (len) {
    ssize_t r = pread(fd, to, len, (off_t)offset);
    if (r == -1 && errno == EINTR) continue;
    if (r == 0) errno = 0;
    if (r <= 0) return false;
    to += r;
    len -= (size_t)r;
    offset += (uint64_t)r;
  }
  return true;
}

/* End of file where bytes should be is a broken file; any errno is trouble of the system. */
static enum queue_read_result read_failure(void)
{
  return errno ? QUEUE_TROUBLE : QUEUE_BROKEN;
}

static bool footer_unpack(struct queue_message *m, char const *footer, bool marked, uint64_t size)
{
  uint32_t version;
  uint64_t envelope_len, whole, numbers[CHANNELS];
  uint32_unpack(footer + AT_VERSION, &version);
  uint32_unpack(footer + AT_FOOTER_CRC, &m->fingerprint);
  if (memcmp(footer, magic, sizeof magic) != 0 || version != VERSION) return false;
  if (m->fingerprint != checksum(0, footer, AT_FOOTER_CRC)) return false;
  uint32_unpack(footer + AT_MESSAGE_CRC, &m->message_crc);
  uint32_unpack(footer + AT_ENVELOPE_CRC, &m->envelope_crc);
  uint64_unpack(footer + AT_MESSAGE_LEN, &m->message_len);
  uint64_unpack(footer + AT_ENVELOPE_LEN, &envelope_len);
  uint64_unpack(footer + AT_BIRTH, &m->birth);
  for (size_t c = 0; c < CHANNELS; c++) uint64_unpack(footer + AT_DUE + 8 * c, &numbers[c]);
  m->doubtful = false;
  m->checked = marked && !is_older(numbers[CHANNEL_LOCAL]) && !is_older(numbers[CHANNEL_REMOTE]);
  if (m->checked) plans_read(m, numbers);
  else plans_read_unchecked(m, numbers);
  m->envelope_len = (size_t)envelope_len;
  return envelope_len < QUEUE_ENVELOPE_MAX + sizeof last_record
      && !__builtin_add_overflow(m->message_len, envelope_len + QUEUE_FOOTER, &whole) && whole == size;
}

enum queue_read_result queue_message_footer(struct queue_message *m)
{
  struct stat st;
  char tail[TAIL];
  if (fstat(m->fd, &st) == -1) return QUEUE_TROUBLE;
  if (!S_ISREG(st.st_mode) || st.st_size < TAIL) return QUEUE_BROKEN;
  if (!read_at(m->fd, tail, sizeof tail, (uint64_t)st.st_size - TAIL)) return read_failure();
  m->spare = !memcmp(tail + sizeof last_record, QUEUE_SPARE_MAGIC, sizeof magic);
  if (m->spare) return errno = ENOENT, QUEUE_ABSENT;
  bool marked = !memcmp(tail, last_record, sizeof last_record);
  return footer_unpack(m, tail + sizeof last_record, marked, (uint64_t)st.st_size) ? QUEUE_READ : QUEUE_BROKEN;
}

static int open_mess(uint64_t id, int how)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, id);
  return open(path, how | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

enum queue_read_result queue_message_open(struct queue_message *m, uint64_t id, bool finished_only)
{
  m->id = id;
  m->spare = false;
  m->fd = open_mess(id, O_RDONLY);
  if (m->fd == -1) return errno == ENOENT ? QUEUE_ABSENT : QUEUE_TROUBLE;
  enum queue_read_result r = QUEUE_READ;
  if (finished_only && !lock_try_shared(m->fd)) r = errno == EWOULDBLOCK ? QUEUE_UNFINISHED : QUEUE_TROUBLE;
  if (r == QUEUE_READ) r = queue_message_footer(m);
  if (r != QUEUE_READ) queue_message_close(m);
  return r;
}

void queue_message_close(struct queue_message *m)
{
  fd_close(m->fd);
  m->fd = -1;
}

/* What the letter of a recipient means. A D in a file of our own was a T. */
static char meaning(struct queue_message *m, char letter)
{
  if (letter == 'K' || (letter == 'D' && !m->checked)) return 'D';
  if (letter == 'D') m->doubtful = true;
  return 'T';
}

/* The checksum as of the birth; the letters become T and D, as callers know them. */
static uint32_t envelope_settle(struct queue_message *m, stralloc *envelope)
{
  uint32_t sum = 0;
  size_t at = 0;
  struct queue_record r;
  while (queue_envelope_next(envelope, &at, &r)) {
    bool recipient = is_recipient(r.letter);
    sum = checksum(sum, recipient ? "T" : &r.letter, 1);
    sum = checksum(sum, r.text, r.len + 1);
    if (recipient) envelope->s[r.offset] = meaning(m, r.letter);
  }
  return sum;
}

enum queue_read_result queue_message_envelope(struct queue_message *m, stralloc *to)
{
  to->len = 0;
  if (!bytes_ready(to, m->envelope_len)) return QUEUE_TROUBLE;
  if (!read_at(m->fd, to->s, m->envelope_len, m->message_len)) return read_failure();
  to->len = m->envelope_len;
  if (!queue_envelope_valid(to->s, to->len)) return QUEUE_BROKEN;
  return envelope_settle(m, to) == m->envelope_crc ? QUEUE_READ : QUEUE_BROKEN;
}

enum queue_read_result queue_message_verify(struct queue_message const *m)
{
  static char block[COPY];
  uint32_t sum = 0;
  for (uint64_t at = 0; at < m->message_len;) {
    size_t n = m->message_len - at < COPY ? (size_t)(m->message_len - at) : COPY;
    if (!read_at(m->fd, block, n, at)) return read_failure();
    sum = checksum(sum, block, n);
    at += n;
  }
  return sum == m->message_crc ? QUEUE_READ : QUEUE_BROKEN;
}

bool queue_envelope_next(stralloc const *envelope, size_t *at, struct queue_record *record)
{
  if (*at >= envelope->len) return false;
  record->offset = *at;
  record->letter = envelope->s[*at];
  record->text = envelope->s + *at + 1;
  record->len = strlen(record->text);
  *at += record->len + 2;
  return true;
}

bool queue_envelope_valid(char const *s, size_t len)
{
  bool sender = false;
  if (len && s[len - 1]) return false;
  for (size_t at = 0; at < len;) {
    char letter = s[at];
    bool recipient = is_recipient(letter);
    if (recipient ? !sender : letter == 'F' ? sender : letter < 'a' || letter > 'z') return false;
    if (letter == 'F') sender = true;
    if (at + 1 == len) return false;
    at += strlen(s + at + 1) + 2;
  }
  return sender;
}

/* ---- changing ---- */

struct change {
  size_t offset;
  enum channel channel;
  uint64_t when, birth;
  bool on_hold;
};

static bool change(uint64_t id, bool (*deed)(struct queue_message *, struct change const *), struct change const *c)
{
  struct queue_message m = { .id = id, .fd = open_mess(id, O_RDWR) };
  if (m.fd == -1) return false;
  enum queue_read_result r = queue_message_footer(&m);
  if (r == QUEUE_BROKEN) errno = EINVAL;
  bool done = r == QUEUE_READ && deed(&m, c);
  queue_message_close(&m);
  return done;
}

static bool write_at(int fd, char const *s, size_t len, uint64_t offset)
{
  ssize_t r;
  do r = pwrite(fd, s, len, (off_t)offset); while (r == -1 && errno == EINTR);
  if (r >= 0 && (size_t)r < len) errno = EIO;
  return r == (ssize_t)len;
}

static bool mark(struct queue_message *m, struct change const *c)
{
  /* A record begins behind the NUL of another; the sender's comes before any recipient, so offset 0 is none. */
  char at[2];
  if (!c->offset || c->offset >= m->envelope_len) return (errno = EINVAL, false);
  if (!read_at(m->fd, at, sizeof at, m->message_len + c->offset - 1)) return false;
  if (at[0] || !is_recipient(at[1])) return (errno = EINVAL, false);
  return write_at(m->fd, m->checked ? "K" : "D", 1, m->message_len + c->offset);
}

static uint64_t number_of(struct queue_message const *m, size_t channel)
{
  if (m->checked) return plan_of(m->due[channel], m->birth, m->on_hold, m->fingerprint, channel);
  return m->due[channel] | (channel == CHANNEL_LOCAL && m->on_hold ? ON_HOLD : 0);
}

static bool write_plans(struct queue_message const *m, size_t first, size_t count)
{
  char packed[8 * CHANNELS];
  for (size_t i = 0; i < count; i++) uint64_pack(packed + 8 * i, number_of(m, first + i));
  return write_at(m->fd, packed, 8 * count, m->message_len + m->envelope_len + AT_DUE + 8 * (uint64_t)first);
}

static bool postpone(struct queue_message *m, struct change const *c)
{
  m->due[c->channel] = c->when;
  m->birth = c->birth;
  return write_plans(m, c->channel, 1);
}

/* Both plans say it, so that damage to one neither begins a hold nor ends it. */
static bool hold(struct queue_message *m, struct change const *c)
{
  m->on_hold = c->on_hold;
  return write_plans(m, 0, CHANNELS);
}

static bool sync_bytes(struct queue_message *m, struct change const *c)
{
  (void)c;
  return fdatasync(m->fd) == 0;
}

bool queue_message_mark_done(uint64_t id, size_t offset)
{
  return change(id, mark, &(struct change){ .offset = offset });
}

bool queue_message_set_due(uint64_t id, enum channel channel, uint64_t when, uint64_t birth)
{
  return change(id, postpone, &(struct change){ .channel = channel, .when = when, .birth = birth });
}

bool queue_message_set_hold(uint64_t id, bool on_hold)
{
  return change(id, hold, &(struct change){ .on_hold = on_hold });
}

bool queue_message_sync(uint64_t id)
{
  return change(id, sync_bytes, &(struct change){ .offset = 0 });
}
