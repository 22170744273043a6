/* Frames as they come: in pieces, many in one, too long, broken, and from somebody who goes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "frames.h"
#include "monotonic.h"

/* A frame is a letter and a '.'; "!" is none. */
static long unpack(void *letter, char const *s, size_t len)
{
  if (len && *s == '!') return -1;
  if (len < 2) return 0;
  *(char *)letter = *s;
  return s[1] == '.' ? 2 : -1;
}

enum { SIZE = 4 };
static char space[SIZE];

static struct frames begun(void)
{
  return (struct frames){ .unpack = unpack, .bytes = space, .size = sizeof space };
}

/* What is heard of what is sent and is followed by an end: each letter, and '?' for what is none. */
static void heard_of(char to[32], char const *sent)
{
  struct frames f = begun();
  int ends[2];
  char letter;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  assert_int_equal(write(ends[1], sent, strlen(sent)), strlen(sent));
  close(ends[1]);
  while (frames_next(&f, &letter, ends[0], FRAMES_NO_DEADLINE)) *to++ = letter;
  close(ends[0]);
  *to = 0;
}

static void what_is_sent_is_heard(void **state)
{
  static char const *const cases[][2] = {
    { "", "" }, { "a.", "a" }, { "a", "" }, { "a.b", "a" }, { "a.b.c.d.e.", "abcde" }, { "a.b.!c.", "ab" }, { "!", "" }, { "ab", "" }
  };
  char heard[32];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    heard_of(heard, cases[i][0]);
    assert_string_equal(heard, cases[i][1]);
  }
}

static void it_comes_in_pieces(void **state)
{
  static char const said[] = "a.b.c.";
  struct frames f = begun();
  int ends[2];
  char letter;
  (void)state;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(write(ends[1], said + 2 * i, 1), 1);
    assert_false(frames_next(&f, &letter, ends[0], monotonic_ms() + 20));
    assert_int_equal(write(ends[1], said + 2 * i + 1, 1), 1);
    assert_true(frames_next(&f, &letter, ends[0], monotonic_ms() + 1000));
    assert_int_equal(letter, said[2 * i]);
  }
  close(ends[0]), close(ends[1]);
}

/* Of a frame that there is no room for nothing is waited for. */
static long endless(void *letter, char const *s, size_t len)
{
  (void)letter, (void)s, (void)len;
  return 0;
}

static void no_more_than_there_is_room_for(void **state)
{
  struct frames f = begun();
  int ends[2];
  char letter;
  (void)state;
  f.unpack = endless;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  assert_int_equal(write(ends[1], "abcdefgh", 8), 8);
  assert_false(frames_next(&f, &letter, ends[0], FRAMES_NO_DEADLINE));
  assert_int_equal(f.len, SIZE);
  close(ends[0]), close(ends[1]);
}

static void nobody_waits_longer_than_asked(void **state)
{
  struct frames f = begun();
  int ends[2];
  char letter;
  (void)state;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  int64_t const begin = monotonic_ms();
  assert_false(frames_next(&f, &letter, ends[0], begin + 50));
  assert_in_range(monotonic_ms() - begin, 49, 5000);
  close(ends[0]), close(ends[1]);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_sent_is_heard), cmocka_unit_test(it_comes_in_pieces),
    cmocka_unit_test(no_more_than_there_is_room_for), cmocka_unit_test(nobody_waits_longer_than_asked)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
