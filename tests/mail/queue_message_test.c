#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>
#include <skalibs/uint32.h>
#include <skalibs/uint64.h>

#include "checksum.h"
#include "lock.h"
#include "queue_message.h"
#include "queue_path.h"

static char place[] = "/tmp/queue-message-XXXXXX";

static int set_up(void **state)
{
  char path[QUEUE_PATH_MAX];
  (void)state;
  if (!mkdtemp(place) || chdir(place) || mkdir("mess", 0700)) return -1;
  for (unsigned i = 0; i < QUEUE_SPLIT; i++) {
    snprintf(path, sizeof path, "mess/%u", i);
    if (mkdir(path, 0700)) return -1;
  }
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  return chdir("/") || rm_rf(place);
}

/* How many files the queue holds, dot-names too. */
static unsigned files(void)
{
  unsigned n = 0;
  FILE *p = popen("find mess -type f | wc -l", "r");
  assert_int_equal(fscanf(p, "%u", &n), 1);
  pclose(p);
  return n;
}

static void records(struct queue_writer *w)
{
  queue_write_record(w, 'u', "1000", 4);
  queue_write_record(w, 'p', "77", 2);
  queue_write_record(w, 'F', "a@b", 3);
  queue_write_record(w, 'T', "c@d", 3);
  queue_write_record(w, 'T', "", 0);
}

static uint64_t write_message(char const *s, size_t len, uint64_t birth)
{
  static struct queue_writer w;
  uint64_t id;
  queue_write_begin(&w);
  queue_write_message(&w, s, len);
  records(&w);
  assert_int_equal(queue_write_commit(&w, birth, &id), QUEUE_WRITTEN);
  queue_write_end(&w);
  return id;
}

static void expect(uint64_t id, char const *s, size_t len)
{
  struct queue_message m;
  char *got = malloc(len + 1);
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_int_equal(m.message_len, len);
  assert_int_equal(pread(m.fd, got, len, 0), len);
  assert_memory_equal(got, s, len);
  assert_int_equal(queue_message_verify(&m), QUEUE_READ);
  queue_message_close(&m);
  free(got);
}

static void remove_message(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, id);
  assert_int_equal(unlink(path), 0);
}

static void what_is_written_is_read(void **state)
{
  (void)state;
  struct queue_message m;
  struct queue_record r;
  stralloc envelope = STRALLOC_ZERO;
  size_t at = 0;
  static struct { char letter; char const *text; size_t offset; } const wanted[] = {
    { 'u', "1000", 0 }, { 'p', "77", 6 }, { 'F', "a@b", 10 }, { 'T', "c@d", 15 }, { 'T', "", 20 }, { 'v', "2", 22 }
  };
  uint64_t id = write_message("Subject: x\n\nbody\n", 17, 1234567890123);
  expect(id, "Subject: x\n\nbody\n", 17);
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_int_equal(m.birth, 1234567890123);
  assert_int_equal(m.due[CHANNEL_LOCAL] | m.due[CHANNEL_REMOTE], 0);
  assert_int_equal(queue_message_envelope(&m, &envelope), QUEUE_READ);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_true(queue_envelope_next(&envelope, &at, &r));
    assert_int_equal(r.letter, wanted[i].letter);
    assert_string_equal(r.text, wanted[i].text);
    assert_int_equal(r.len, strlen(wanted[i].text));
    assert_int_equal(r.offset, wanted[i].offset);
  }
  assert_false(queue_envelope_next(&envelope, &at, &r));
  queue_message_close(&m);
  stralloc_free(&envelope);
  remove_message(id);
}

/* Sizes around the writer's buffer, handed over whole, in blocks and byte by byte. */
static void any_size_in_any_pieces(void **state)
{
  (void)state;
  static size_t const sizes[] = { 0, 1, 16384, 65535, 65536, 65537, QUEUE_HELD - 120, QUEUE_HELD - 1, QUEUE_HELD, QUEUE_HELD + 1, 200000 };
  static size_t const pieces[] = { 1, 100, 16384, 65536, 1 << 20 };
  static char text[200000];
  for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(i * 7 + i / 251);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
      static struct queue_writer w;
      uint64_t id;
      queue_write_begin(&w);
      for (size_t at = 0; at < sizes[i]; at += pieces[k])
        queue_write_message(&w, text + at, sizes[i] - at < pieces[k] ? sizes[i] - at : pieces[k]);
      records(&w);
      assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
      queue_write_end(&w);
      expect(id, text, sizes[i]);
      remove_message(id);
    }
}

static void nothing_is_left_without_a_commit(void **state)
{
  (void)state;
  static struct queue_writer w;
  queue_write_begin(&w);
  queue_write_message(&w, "x", 1);
  records(&w);
  queue_write_end(&w);
  assert_int_equal(files(), 0);
}

/* From the link to the end of the writer, only readers who asked for any file see it. */
static void unfinished_as_long_as_the_writer_lives(void **state)
{
  (void)state;
  static struct queue_writer w;
  struct queue_message m;
  uint64_t id;
  queue_write_begin(&w);
  records(&w);
  assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_UNFINISHED);
  assert_int_equal(queue_message_open(&m, id, false), QUEUE_READ);
  queue_message_close(&m);
  queue_write_end(&w);
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  queue_message_close(&m);
  remove_message(id);
}

/* A queue copied from another disk holds names that fresh inode numbers may meet. */
static void a_taken_name_is_not_overwritten(void **state)
{
  (void)state;
  static struct queue_writer w;
  struct stat st;
  char path[QUEUE_PATH_MAX];
  uint64_t id;
  queue_write_begin(&w);
  assert_int_equal(queue_write_file(&w), QUEUE_WRITTEN);
  assert_int_equal(fstat(w.fd, &st), 0);
  queue_path_mess(path, st.st_ino);
  close(open(path, O_CREAT | O_WRONLY, 0600));
  queue_write_message(&w, "new", 3);
  records(&w);
  assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
  queue_write_end(&w);
  assert_true(id != st.st_ino);
  expect(id, "new", 3);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_size, 0);
  unlink(path);
  remove_message(id);
}

static void commit_as_replaces(void **state)
{
  (void)state;
  static struct queue_writer w;
  struct queue_message m;
  uint64_t id = write_message("old", 3, 1);
  queue_write_begin(&w);
  queue_write_message(&w, "new text", 8);
  records(&w);
  w.due[CHANNEL_LOCAL] = 11;
  w.due[CHANNEL_REMOTE] = QUEUE_DUE_MAX;
  assert_int_equal(queue_write_commit_as(&w, 5, id), QUEUE_WRITTEN);
  queue_write_end(&w);
  expect(id, "new text", 8);
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_int_equal(m.birth, 5);
  assert_int_equal(m.due[CHANNEL_LOCAL], 11);
  assert_int_equal(m.due[CHANNEL_REMOTE], QUEUE_DUE_MAX);
  queue_message_close(&m);
  assert_int_equal(files(), 1);
  remove_message(id);
}

static void a_full_disk_is_told_and_leaves_nothing(void **state)
{
  (void)state;
  static struct queue_writer w;
  uint64_t id;
  queue_write_begin(&w);
  assert_int_equal(queue_write_file(&w), QUEUE_WRITTEN);
  int full = open("/dev/full", O_WRONLY);
  assert_int_not_equal(full, -1);
  dup2(full, w.fd);
  close(full);
  queue_write_message(&w, "x", 1);
  records(&w);
  assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_CANNOT_WRITE);
  assert_int_equal(errno, ENOSPC);
  queue_write_end(&w);
  assert_int_equal(files(), 0);
}

static void marks_change_one_byte_at_a_record(void **state)
{
  (void)state;
  struct queue_message m;
  stralloc envelope = STRALLOC_ZERO;
  uint64_t id = write_message("m\n", 2, 1);
  static size_t const wrong[] = { 0, 1, 6, 10, 14, 16, 19, 22, 23, 25, 1000, (size_t)-1 };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    errno = 0;
    if (queue_message_mark_done(id, wrong[i]) || errno != EINVAL) fail_msg("%zu", wrong[i]);
  }
  assert_true(queue_message_mark_done(id, 20));
  assert_true(queue_message_mark_done(id, 20));
  assert_true(queue_message_set_due(id, CHANNEL_REMOTE, 999, 1));
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_int_equal(m.due[CHANNEL_LOCAL], 0);
  assert_int_equal(m.due[CHANNEL_REMOTE], 999);
  assert_int_equal(queue_message_envelope(&m, &envelope), QUEUE_READ);
  assert_int_equal(envelope.s[15], 'T');
  assert_int_equal(envelope.s[20], 'D');
  assert_int_equal(queue_message_verify(&m), QUEUE_READ);
  queue_message_close(&m);
  stralloc_free(&envelope);
  remove_message(id);
}

static void expect_plan(uint64_t id, bool on_hold, uint64_t local, uint64_t remote, uint32_t *fingerprint)
{
  struct queue_message m;
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_int_equal(m.on_hold, on_hold);
  assert_int_equal(m.due[CHANNEL_LOCAL], local);
  assert_int_equal(m.due[CHANNEL_REMOTE], remote);
  if (*fingerprint) assert_int_equal(m.fingerprint, *fingerprint);
  *fingerprint = m.fingerprint;
  queue_message_close(&m);
}

static void holding_and_planning_leave_each_other_alone(void **state)
{
  (void)state;
  uint32_t fingerprint = 0;
  uint64_t id = write_message("m\n", 2, 1);
  expect_plan(id, false, 0, 0, &fingerprint);
  assert_true(queue_message_set_hold(id, true) && queue_message_sync(id));
  expect_plan(id, true, 0, 0, &fingerprint);
  assert_true(queue_message_set_due(id, CHANNEL_LOCAL, QUEUE_NEVER, 1) && queue_message_set_due(id, CHANNEL_REMOTE, 5, 1));
  expect_plan(id, true, INT64_MAX, 5, &fingerprint);
  assert_true(queue_message_mark_done(id, 20) && queue_message_set_hold(id, true));
  expect_plan(id, true, INT64_MAX, 5, &fingerprint);
  assert_true(queue_message_set_hold(id, false) && queue_message_set_hold(id, false));
  expect_plan(id, false, INT64_MAX, 5, &fingerprint);
  assert_true(queue_message_set_due(id, CHANNEL_LOCAL, 7, 1));
  expect_plan(id, false, 7, 5, &fingerprint);
  remove_message(id);
}

/* An address may contain a T; it is none. */
static void a_letter_inside_an_address_is_no_record(void **state)
{
  (void)state;
  static struct queue_writer w;
  uint64_t id;
  queue_write_begin(&w);
  queue_write_record(&w, 'F', "T", 1);
  queue_write_record(&w, 'T', "TD", 2);
  assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
  queue_write_end(&w);
  assert_false(queue_message_mark_done(id, 1));
  assert_false(queue_message_mark_done(id, 4));
  assert_false(queue_message_mark_done(id, 5));
  assert_true(queue_message_mark_done(id, 3));
  remove_message(id);
}

static void a_missing_message_is_absent(void **state)
{
  (void)state;
  struct queue_message m;
  assert_int_equal(queue_message_open(&m, 12345, true), QUEUE_ABSENT);
  assert_false(queue_message_mark_done(12345, 15));
  assert_false(queue_message_set_hold(12345, true));
  assert_false(queue_message_sync(12345));
  assert_int_equal(errno, ENOENT);
}

/* One byte changed anywhere but in the T of a recipient and in the due times must be noticed. */
static void every_changed_byte_is_noticed(void **state)
{
  (void)state;
  char path[QUEUE_PATH_MAX], byte;
  stralloc envelope = STRALLOC_ZERO;
  uint64_t id = write_message("hello\n", 6, 1);
  queue_path_mess(path, id);
  int fd = open(path, O_RDWR);
  off_t size = lseek(fd, 0, SEEK_END);
  for (off_t i = 0; i < size - 16; i++) {
    struct queue_message m;
    assert_int_equal(pread(fd, &byte, 1, i), 1);
    char changed = (char)(byte ^ 1);
    assert_int_equal(pwrite(fd, &changed, 1, i), 1);
    enum queue_read_result r = queue_message_open(&m, id, true);
    if (r == QUEUE_READ) {
      r = queue_message_envelope(&m, &envelope);
      if (r == QUEUE_READ) r = queue_message_verify(&m);
      queue_message_close(&m);
    }
    if (r != QUEUE_BROKEN) fail_msg("byte %d: %d", (int)i, (int)r);
    assert_int_equal(pwrite(fd, &byte, 1, i), 1);
  }
  close(fd);
  expect(id, "hello\n", 6);
  stralloc_free(&envelope);
  remove_message(id);
}

/* ---- what is overwritten in place ---- */

static void flip(uint64_t id, off_t at, int bit)
{
  char path[QUEUE_PATH_MAX], byte;
  queue_path_mess(path, id);
  int fd = open(path, O_RDWR);
  off_t from_end = at < 0 ? lseek(fd, 0, SEEK_END) + at : at;
  assert_int_equal(pread(fd, &byte, 1, from_end), 1);
  byte = (char)(byte ^ (1 << bit));
  assert_int_equal(pwrite(fd, &byte, 1, from_end), 1);
  close(fd);
}

struct plan { bool on_hold; uint64_t local, remote; };

static struct plan const plans[] = {
  { false, 0, 0 }, { true, 0, 0 }, { false, 1700000400, 1700000401 }, { true, 1700000400, QUEUE_NEVER },
  { false, QUEUE_NEVER, 1700600000 }, { true, QUEUE_NEVER, QUEUE_NEVER }
};

/* A bit that turns may cost a try before its time, never a hold that nobody asked for, nor a long wait, nor a hold. */
static void a_flipped_bit_of_a_plan_means_now(void **state)
{
  (void)state;
  uint64_t id = write_message("hello\n", 6, 1700000000);
  for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
    struct plan const *p = plans + i;
    assert_true(queue_message_set_due(id, CHANNEL_LOCAL, p->local, 1700000000));
    assert_true(queue_message_set_due(id, CHANNEL_REMOTE, p->remote, 1700000000));
    assert_true(queue_message_set_hold(id, p->on_hold));
    for (int bit = 0; bit < 128; bit++) {
      struct queue_message m;
      flip(id, bit / 8 - 16, bit % 8);
      assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
      uint64_t const wanted[CHANNELS] = { p->local, p->remote };
      int turned = bit / 64, other = !turned;
      bool plain = !m.checked;      /* a number of an older release, as the 0 was: sooner than any plan, or told to be impossible */
      if (m.on_hold != p->on_hold) fail_msg("plan %zu bit %d: hold", i, bit);
      if (m.due[other] != wanted[other]) fail_msg("plan %zu bit %d: the other channel", i, bit);
      if (plain ? wanted[turned] != 0 : !m.doubtful || m.due[turned] != 1) fail_msg("plan %zu bit %d", i, bit);
      queue_message_close(&m);
      flip(id, bit / 8 - 16, bit % 8);
    }
  }
  remove_message(id);
}

static char letter_of(uint64_t id, size_t offset, bool *doubtful)
{
  struct queue_message m;
  stralloc envelope = STRALLOC_ZERO;
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  enum queue_read_result r = queue_message_envelope(&m, &envelope);
  char letter = r == QUEUE_READ ? envelope.s[offset] : '?';
  *doubtful = m.doubtful;
  queue_message_close(&m);
  stralloc_free(&envelope);
  return letter;
}

/* Broken, which is told, or to do, which costs a second copy: not done. */
static void a_flipped_bit_of_a_mark_loses_nobody(void **state)
{
  (void)state;
  bool doubtful;
  uint64_t id = write_message("hello\n", 6, 1700000000);
  for (int bit = 0; bit < 8; bit++) {
    flip(id, 6 + 15, bit);
    char letter = letter_of(id, 15, &doubtful);
    if (letter != '?' && (letter != 'T' || !doubtful)) fail_msg("bit %d: %c", bit, letter);
    flip(id, 6 + 15, bit);
  }
  assert_true(queue_message_mark_done(id, 15));
  assert_int_equal(letter_of(id, 15, &doubtful), 'D');
  assert_int_equal(letter_of(id, 20, &doubtful), 'T');
  assert_false(doubtful);
  remove_message(id);
}

/* A damaged plan is right again once it is overwritten. */
static void a_new_plan_mends_a_damaged_one(void **state)
{
  (void)state;
  struct queue_message m;
  uint64_t id = write_message("hello\n", 6, 1700000000);
  assert_true(queue_message_set_due(id, CHANNEL_REMOTE, 1700000500, 1700000000));
  flip(id, -5, 3);
  assert_true(queue_message_set_due(id, CHANNEL_REMOTE, 1700000900, 1700000000));
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_false(m.doubtful);
  assert_int_equal(m.due[CHANNEL_REMOTE], 1700000900);
  queue_message_close(&m);
  remove_message(id);
}

/* The clock was wrong at the birth and is right now, or the other way round. */
static void a_plan_corrects_the_birth(void **state)
{
  (void)state;
  static struct { uint64_t birth, planned_birth, due, read; } const cases[] = {
    { 20, 1700000000, 1700000400, 1700000400 },             /* hours are what a plan knows */
    { 20, 1700000000, 1700009000, 1700009000 - 2 * 3600 },
    { 2000000000, 1700000000, 1700000400, 1700000400 },
    { 1700000000, 1700000000, 1700600000, 1700000000 },
    { 1700000000, 1700003600, 1700600000, 1700000000 },     /* too little to tell */
    { 1700000000, 1700000000, QUEUE_NEVER, 1700000000 },
    { 5, 5, 1700000000, 5 }                                 /* older than a plan can say */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct queue_message m;
    uint64_t id = write_message("hello\n", 6, cases[i].birth);
    assert_true(queue_message_set_due(id, CHANNEL_REMOTE, cases[i].due, cases[i].planned_birth));
    assert_true(queue_message_set_hold(id, true));
    assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
    if (m.birth != cases[i].read) fail_msg("case %zu: %llu", i, (unsigned long long)m.birth);
    queue_message_close(&m);
    remove_message(id);
  }
}

/* ---- files of an older release ---- */

/* Writes the file as that release did: no v record. */
static uint64_t write_older(char const *envelope, size_t len, uint64_t local, uint64_t remote)
{
  char file[256], footer[QUEUE_FOOTER] = "mailtree\1";
  uint32_pack(footer + 12, checksum(0, "m\n", 2));
  uint64_pack(footer + 16, 2);
  uint64_pack(footer + 24, len);
  uint64_pack(footer + 32, 1700000000);
  memcpy(file, "m\n", 2);
  memcpy(file + 2, envelope, len);
  for (size_t i = 0; i < len; i++)
    if (file[2 + i] == 'D') file[2 + i] = 'T';
  uint32_pack(footer + 40, checksum(0, file + 2, len));
  uint32_pack(footer + 44, checksum(0, footer, 44));
  uint64_pack(footer + 48, local);
  uint64_pack(footer + 56, remote);
  memcpy(file + 2, envelope, len);
  memcpy(file + 2 + len, footer, sizeof footer);
  int fd = open("mess/20/457", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_int_equal(write(fd, file, 2 + len + sizeof footer), 2 + len + sizeof footer);
  close(fd);
  return 457;
}

static void a_file_of_an_older_release_stays_one(void **state)
{
  (void)state;
  uint32_t fingerprint = 0;
  char path[QUEUE_PATH_MAX], bytes[100];
  bool doubtful;
  uint64_t id = write_older("Fa@b\0Dc@d\0Tx\0", 13, 1700000100 | (uint64_t)1 << 63, QUEUE_NEVER);
  expect_plan(id, true, 1700000100, QUEUE_NEVER, &fingerprint);
  assert_int_equal(letter_of(id, 5, &doubtful), 'D');
  assert_int_equal(letter_of(id, 10, &doubtful), 'T');
  assert_true(queue_message_mark_done(id, 10) && queue_message_set_due(id, CHANNEL_REMOTE, 1700000500, 5));
  expect_plan(id, true, 1700000100, 1700000500, &fingerprint);
  assert_true(queue_message_set_hold(id, false));
  expect_plan(id, false, 1700000100, 1700000500, &fingerprint);
  assert_int_equal(letter_of(id, 10, &doubtful), 'D');
  queue_path_mess(path, id);
  int fd = open(path, O_RDONLY);
  assert_int_equal(read(fd, bytes, sizeof bytes), 2 + 13 + QUEUE_FOOTER);
  close(fd);
  assert_memory_equal(bytes + 2, "Fa@b\0Dc@d\0Dx\0", 13);
  remove_message(id);
}

/* Between an update and the restart the older qmail-send plans and marks files that the new qmail-queue has written. */
static void an_older_release_may_plan_a_new_file(void **state)
{
  (void)state;
  uint32_t fingerprint = 0;
  bool doubtful;
  uint64_t id = write_older("Fa@b\0Dc@d\0Tx\0v2\0", 16, 1700000100, QUEUE_NEVER);
  expect_plan(id, false, 1700000100, QUEUE_NEVER, &fingerprint);
  assert_int_equal(letter_of(id, 5, &doubtful), 'D');
  assert_true(queue_message_set_due(id, CHANNEL_LOCAL, 1700000700, 1700000000) && queue_message_set_hold(id, true));
  expect_plan(id, true, 1700000700, QUEUE_NEVER, &fingerprint);
  assert_int_equal(letter_of(id, 5, &doubtful), 'D');
  remove_message(id);
}

static void every_cut_is_noticed(void **state)
{
  (void)state;
  char path[QUEUE_PATH_MAX];
  struct queue_message m;
  uint64_t id = write_message("hello\n", 6, 1);
  queue_path_mess(path, id);
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  for (off_t n = st.st_size - 1; n >= 0; n--) {
    assert_int_equal(truncate(path, n), 0);
    assert_int_equal(queue_message_open(&m, id, true), QUEUE_BROKEN);
  }
  remove_message(id);
}

static void a_longer_file_is_broken(void **state)
{
  (void)state;
  char path[QUEUE_PATH_MAX];
  struct queue_message m;
  uint64_t id = write_message("hello\n", 6, 1);
  queue_path_mess(path, id);
  int fd = open(path, O_WRONLY | O_APPEND);
  assert_int_equal(write(fd, "", 1), 1);
  close(fd);
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_BROKEN);
  remove_message(id);
}

static void only_regular_files_are_messages(void **state)
{
  (void)state;
  struct queue_message m;
  uint64_t id = write_message("hello\n", 6, 1);
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, id);
  assert_int_equal(mkfifo("mess/1/1", 0600), 0);
  assert_int_equal(queue_message_open(&m, 1, true), QUEUE_BROKEN);
  assert_int_equal(mkdir("mess/2/2", 0700), 0);
  assert_int_equal(queue_message_open(&m, 2, true), QUEUE_BROKEN);
  char target[QUEUE_PATH_MAX + 8];
  snprintf(target, sizeof target, "../../%s", path);
  assert_int_equal(symlink(target, "mess/3/3"), 0);
  assert_int_equal(queue_message_open(&m, 3, true), QUEUE_TROUBLE);
  assert_int_equal(errno, ELOOP);
  unlink("mess/1/1"); rmdir("mess/2/2"); unlink("mess/3/3");
  remove_message(id);
}

static struct { char const *text; size_t len; bool valid; } const envelopes[] = {
  { "", 0, false },
  { "\0", 1, false },
  { "F", 1, false },
  { "F\0", 2, true },
  { "F\0T", 3, false },
  { "F\0T\0", 4, true },
  { "T\0F\0", 4, false },
  { "D\0F\0", 4, false },
  { "F\0F\0", 4, false },
  { "F\0X\0", 4, false },
  { "F\0Ka\0", 5, true },
  { "Ka\0F\0", 5, false },
  { "F\0T\0\0", 5, false },
  { "u1\0p2\0Fa\0Tb\0Dc\0", 15, true },
  { "u1\0p2\0", 6, false },
  { "zwhat\0F\0nx\0T\0", 13, true },
  { "F\0\x80\0", 4, false }
};

static void envelopes_are_checked(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof envelopes / sizeof *envelopes; i++)
    if (queue_envelope_valid(envelopes[i].text, envelopes[i].len) != envelopes[i].valid) fail_msg("case %zu", i);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_written_is_read),
    cmocka_unit_test(any_size_in_any_pieces),
    cmocka_unit_test(nothing_is_left_without_a_commit),
    cmocka_unit_test(unfinished_as_long_as_the_writer_lives),
    cmocka_unit_test(a_taken_name_is_not_overwritten),
    cmocka_unit_test(commit_as_replaces),
    cmocka_unit_test(a_full_disk_is_told_and_leaves_nothing),
    cmocka_unit_test(marks_change_one_byte_at_a_record),
    cmocka_unit_test(holding_and_planning_leave_each_other_alone),
    cmocka_unit_test(a_letter_inside_an_address_is_no_record),
    cmocka_unit_test(a_missing_message_is_absent),
    cmocka_unit_test(every_changed_byte_is_noticed),
    cmocka_unit_test(a_flipped_bit_of_a_plan_means_now),
    cmocka_unit_test(a_flipped_bit_of_a_mark_loses_nobody),
    cmocka_unit_test(a_new_plan_mends_a_damaged_one),
    cmocka_unit_test(a_plan_corrects_the_birth),
    cmocka_unit_test(a_file_of_an_older_release_stays_one),
    cmocka_unit_test(an_older_release_may_plan_a_new_file),
    cmocka_unit_test(every_cut_is_noticed),
    cmocka_unit_test(a_longer_file_is_broken),
    cmocka_unit_test(only_regular_files_are_messages),
    cmocka_unit_test(envelopes_are_checked)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
