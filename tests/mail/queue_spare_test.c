/* Files of the queue that are used again: who gets them, and what a power cut may leave of a message that is written over another. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "lock.h"
#include "queue_message.h"
#include "queue_path.h"
#include "queue_spare.h"

enum { SECTOR = 512, SMALL = 0, TEXT = 4000 };

static char place[] = "/tmp/queue-spare-XXXXXX";
static int fifo = -1;

static int set_up(void **state)
{
  char path[QUEUE_PATH_MAX];
  (void)state;
  if (!mkdtemp(place) || chdir(place) || mkdir("mess", 0700) || mkdir("lock", 0700) || mkfifo(queue_spare_fifo(SMALL), 0600)) return -1;
  for (unsigned i = 0; i < QUEUE_SPLIT; i++) {
    snprintf(path, sizeof path, "mess/%u", i);
    if (mkdir(path, 0700)) return -1;
  }
  fifo = open(queue_spare_fifo(SMALL), O_RDWR | O_NONBLOCK);
  return fifo == -1;
}

static int tear_down(void **state)
{
  (void)state;
  return chdir("/") || rm_rf(place);
}

static void offer(uint64_t id)
{
  assert_int_equal(write(fifo, &id, sizeof id), sizeof id);
}

static char const *text_of(char c)
{
  static char text[TEXT];
  for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(c + i % 13);
  return text;
}

static uint64_t write_message(char c, size_t len)
{
  static struct queue_writer w = { .uses_again = true };
  uint64_t id;
  queue_write_begin(&w);
  queue_write_message(&w, text_of(c), len);
  queue_write_record(&w, 'F', "a@b", 3);
  queue_write_record(&w, 'T', &c, 1);
  assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
  queue_write_end(&w);
  return id;
}

static void path_of(char path[QUEUE_PATH_MAX], uint64_t id)
{
  queue_path_mess(path, id);
}

static off_t size_of(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  struct stat st;
  path_of(path, id);
  return stat(path, &st) == 0 ? st.st_size : -1;
}

/* The letter of the message in the file; 0: it is none now, '?': it is damaged. */
static char message_in(uint64_t id)
{
  struct queue_message m;
  stralloc envelope = STRALLOC_ZERO;
  char c = '?';
  enum queue_read_result r = queue_message_open(&m, id, true);
  if (r == QUEUE_ABSENT) return 0;
  if (r == QUEUE_BROKEN) return '?';
  assert_int_equal(r, QUEUE_READ);
  if (queue_message_envelope(&m, &envelope) == QUEUE_READ && queue_message_verify(&m) == QUEUE_READ) assert_int_equal(pread(m.fd, &c, 1, 0), 1);
  queue_message_close(&m);
  stralloc_free(&envelope);
  return c;
}

static void make_spare(uint64_t id)
{
  size_t index;
  assert_true(queue_spare_make(id, &index));
  assert_int_equal(index, SMALL);
}

static void end_all(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  path_of(path, id);
  assert_int_equal(unlink(path), 0);
}

/* ---- sizes ---- */

static void every_length_has_its_size(void **state)
{
  (void)state;
  static struct queue_writer w = { .uses_again = true };
  static char text[QUEUE_HELD];
  memset(text, 'x', sizeof text);
  for (size_t i = 0; i < QUEUE_SPARE_SIZES; i++)
    for (int by = -90; by < 3; by++) {
      uint64_t id;
      size_t const len = queue_spare_size(i) + (size_t)by;
      queue_write_begin(&w);
      queue_write_message(&w, text, len);
      queue_write_record(&w, 'F', "a@b", 3);
      queue_write_record(&w, 'T', "c", 1);
      assert_int_equal(queue_write_commit(&w, 1, &id), QUEUE_WRITTEN);
      queue_write_end(&w);
      size_t const size = (size_t)size_of(id), least = len + 5 + 3 + 3 + QUEUE_FOOTER;
      if (size < least || (least <= QUEUE_SPARE_MOST - 2 && queue_spare_size(queue_spare_index(size)) != size)) fail_msg("%zu: %zu", len, size);
      assert_int_equal(message_in(id), 'x');
      end_all(id);
    }
}

/* ---- who gets which ---- */

static void a_file_is_used_again_under_its_name(void **state)
{
  (void)state;
  uint64_t first = write_message('a', TEXT), second;
  assert_int_equal(size_of(first), QUEUE_SPARE_LEAST);
  make_spare(first);
  assert_int_equal(message_in(first), 0);
  offer(first);
  assert_int_equal(queue_spare_offered(SMALL), 1);
  second = write_message('b', 10);
  assert_true(second == first);
  assert_int_equal(message_in(second), 'b');
  assert_int_equal(size_of(second), QUEUE_SPARE_LEAST);
  assert_int_equal(queue_spare_offered(SMALL), 0);
  end_all(second);
}

static void numbers_are_hints(void **state)
{
  (void)state;
  uint64_t message = write_message('a', 10), two_names = write_message('b', 10), spare = write_message('c', 10);
  char path[QUEUE_PATH_MAX];
  size_t index;
  path_of(path, two_names);
  assert_int_equal(link(path, "second"), 0);
  assert_false(queue_spare_make(two_names, &index));
  make_spare(spare);
  offer(999999999);
  offer(message);
  offer(two_names);
  offer(spare);
  assert_true(write_message('d', 10) == spare);
  assert_int_equal(message_in(message), 'a');
  assert_int_equal(message_in(two_names), 'b');
  assert_int_equal(message_in(spare), 'd');
  unlink("second");
  end_all(message), end_all(two_names), end_all(spare);
}

static void what_has_lost_its_name_is_nobody_s(void **state)
{
  (void)state;
  uint64_t id = write_message('a', 10), got;
  make_spare(id);
  assert_true(queue_spare_drop(id));
  assert_int_equal(size_of(id), -1);
  assert_true(queue_spare_drop(id));
  offer(id);
  assert_int_equal(queue_spare_take(SMALL, &got), -1);
}

static void a_message_is_not_dropped(void **state)
{
  (void)state;
  uint64_t id = write_message('a', 10);
  assert_true(queue_spare_drop(id));
  assert_int_equal(message_in(id), 'a');
  end_all(id);
}

static void who_still_reads_keeps_the_file(void **state)
{
  (void)state;
  struct queue_message m;
  size_t index;
  uint64_t id = write_message('a', 10), got;
  assert_int_equal(queue_message_open(&m, id, true), QUEUE_READ);
  assert_false(queue_spare_make(id, &index));
  queue_message_close(&m);
  make_spare(id);
  offer(id);
  int fd = queue_spare_take(SMALL, &got);
  assert_int_not_equal(fd, -1);
  offer(id);
  assert_int_equal(queue_spare_take(SMALL, &got), -1);
  assert_true(queue_spare_drop(id));
  assert_int_equal(size_of(id), QUEUE_SPARE_LEAST);
  close(fd);
  assert_true(queue_spare_drop(id));
}

static void a_file_that_is_written_over_is_no_message_before_its_end(void **state)
{
  (void)state;
  uint64_t id = write_message('a', TEXT), got;
  char part[QUEUE_SPARE_LEAST - QUEUE_FOOTER] = { 0 };
  make_spare(id);
  offer(id);
  int fd = queue_spare_take(SMALL, &got);
  assert_int_equal(write(fd, part, sizeof part), sizeof part);
  close(fd);
  assert_int_equal(message_in(id), 0);
  assert_true(queue_spare_drop(id));
}

/* ---- a power cut ---- */

struct image { char bytes[QUEUE_SPARE_LEAST]; };

static void image_read(struct image *to, uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  path_of(path, id);
  int fd = open(path, O_RDONLY);
  assert_int_equal(read(fd, to->bytes, sizeof to->bytes), sizeof to->bytes);
  close(fd);
}

static void image_write(struct image const *from, uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  path_of(path, id);
  int fd = open(path, O_WRONLY);
  assert_int_equal(write(fd, from->bytes, sizeof from->bytes), sizeof from->bytes);
  close(fd);
}

/* Any of the new sectors may have reached the disk, over the old message or the spare file: then it is the old message, none, a damaged one, or
   the new one when it is whole; never a mixture that passes for a message. */
static void what_a_power_cut_leaves(void **state)
{
  (void)state;
  static struct image old, spare, new, cut;
  uint64_t id = write_message('a', TEXT);
  image_read(&old, id);
  make_spare(id);
  image_read(&spare, id);
  offer(id);
  assert_true(write_message('n', TEXT - 500) == id);
  image_read(&new, id);
  srandom(1);
  for (int round = 0; round < 4000; round++) {
    struct image const *below = round % 2 ? &old : &spare;
    long const density = random() % 17;
    cut = *below;
    for (size_t at = 0; at < sizeof cut.bytes; at += SECTOR)
      if (random() % 16 < density) memcpy(cut.bytes + at, new.bytes + at, SECTOR);
    image_write(&cut, id);
    char const found = message_in(id);
    bool const is_new = !memcmp(&cut, &new, sizeof cut), is_old = !memcmp(&cut, &old, sizeof cut);
    if (found == 'n' ? !is_new : found == 'a' ? !is_old : is_new || is_old) fail_msg("round %d: %c", round, found);
  }
  end_all(id);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(every_length_has_its_size),
    cmocka_unit_test(a_file_is_used_again_under_its_name),
    cmocka_unit_test(numbers_are_hints),
    cmocka_unit_test(what_has_lost_its_name_is_nobody_s),
    cmocka_unit_test(a_message_is_not_dropped),
    cmocka_unit_test(who_still_reads_keeps_the_file),
    cmocka_unit_test(a_file_that_is_written_over_is_no_message_before_its_end),
    cmocka_unit_test(what_a_power_cut_leaves),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
