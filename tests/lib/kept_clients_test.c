/* Who stays is served again on the same connection, new ones come first, and there is a bound on those who stay. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kept_call.h"
#include "kept_clients.h"
#include "monotonic.h"
#include "service.h"

static struct service const door = { .path = "socket", .mode = 0600, .owner = -1, .group = -1, .waiting = 128 };

struct stage {
  char directory[32];
  int listener;
  sigset_t mask;
  struct kept_clients clients;
};

static int begin(void **state)
{
  struct stage *s = calloc(1, sizeof *s);
  *state = s;
  strcpy(s->directory, "/tmp/kept.XXXXXX");
  sigemptyset(&s->mask);
  if (!mkdtemp(s->directory) || chdir(s->directory)) return 1;
  s->listener = service_listen(&door, 0);
  return s->listener != -1 && kept_clients_begin(&s->clients, s->listener) ? 0 : 1;
}

static int end(void **state)
{
  struct stage *s = *state;
  kept_clients_forget(&s->clients);
  close(s->clients.epoll);
  service_end(&door, s->listener);
  int r = chdir("/") == 0 && rmdir(s->directory) == 0 ? 0 : 1;
  free(s);
  return r;
}

static int caller(void)
{
  int fd = service_call("socket", 1000);
  assert_true(fd != -1);
  return fd;
}

static void say(int fd, char what)
{
  assert_int_equal(send(fd, &what, 1, MSG_NOSIGNAL), 1);
}

/* Serves one question; what it was, or 0: nobody asks. */
static char serve(struct stage *s, bool stays)
{
  char what = 0;
  int fd = kept_clients_next(&s->clients, &s->mask, 0);
  if (fd == -1) {
    assert_int_equal(errno, EAGAIN);
    return 0;
  }
  assert_int_equal(recv(fd, &what, 1, MSG_DONTWAIT), 1);
  if (stays) kept_clients_keep(&s->clients);
  else kept_clients_leave(&s->clients);
  return what;
}

static bool is_hung_up(int fd)
{
  char byte;
  return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_who_stays_asks_again(void **state)
{
  struct stage *s = *state;
  int a = caller();
  for (char what = 'a'; what < 'e'; what++) {
    say(a, what);
    assert_int_equal(serve(s, true), what);
    assert_int_equal(serve(s, true), 0);
    assert_false(is_hung_up(a));
  }
  say(a, 'e');
  assert_int_equal(serve(s, false), 'e');
  assert_true(is_hung_up(a));
  close(a);
}

static void test_new_ones_come_first(void **state)
{
  struct stage *s = *state;
  int old = caller();
  say(old, 'o');
  assert_int_equal(serve(s, true), 'o');
  say(old, 'p');
  int new = caller();
  say(new, 'n');
  assert_int_equal(serve(s, false), 'n');
  assert_int_equal(serve(s, true), 'p');
  close(old);
  close(new);
}

static void test_who_hangs_up_is_not_served(void **state)
{
  struct stage *s = *state;
  int a = caller(), b = caller();
  say(a, 'a');
  say(b, 'b');
  assert_int_equal(serve(s, true), 'a');
  assert_int_equal(serve(s, true), 'b');
  say(a, 'x');
  close(a);
  say(b, 'y');
  assert_int_equal(serve(s, true), 'y');
  assert_int_equal(serve(s, true), 0);
  close(b);
}

static void test_too_many_are_hung_up_on(void **state)
{
  struct stage *s = *state;
  int all[KEPT_CLIENTS_MAX + 1];
  for (int i = 0; i < KEPT_CLIENTS_MAX; i++) {
    say(all[i] = caller(), 'a');
    assert_int_equal(serve(s, true), 'a');
  }
  say(all[0], 'b');
  assert_int_equal(serve(s, true), 'b');
  say(all[KEPT_CLIENTS_MAX] = caller(), 'c');
  assert_int_equal(serve(s, true), 'c');
  for (int i = 0; i <= KEPT_CLIENTS_MAX; i++) assert_int_equal(is_hung_up(all[i]), i == 1);      /* silent longest */
  kept_clients_forget(&s->clients);
  for (int i = 0; i <= KEPT_CLIENTS_MAX; i++) {
    assert_true(is_hung_up(all[i]));
    close(all[i]);
  }
}

/* ---- the caller's side ---- */

static void test_the_first_question_does_not_stay(void **state)
{
  (void)state;
  struct kept_call k = KEPT_CALL_NONE;
  int64_t const late = monotonic_ms() + 5000;
  int64_t deadline = late;
  assert_false(kept_call_wanted(&k));
  assert_int_equal(kept_call_again(&k, &deadline), -1);
  assert_true(deadline == late);
  assert_true(kept_call_wanted(&k));
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  kept_call_hold(&k, fd);
  assert_int_equal(kept_call_again(&k, &deadline), fd);
  assert_true(deadline < late);
  deadline = 1;
  assert_int_equal(kept_call_again(&k, &deadline), fd);
  assert_true(deadline == 1);
  kept_call_end(&k);
  assert_int_equal(kept_call_again(&k, &deadline), -1);
  assert_int_equal(fcntl(fd, F_GETFD), -1);
  assert_true(kept_call_wanted(&k));
}

static void test_none_is_kept_for_a_while_after_an_answer_that_was_late(void **state)
{
  (void)state;
  struct kept_call k = KEPT_CALL_NONE;
  int64_t deadline = monotonic_ms() + 5000;
  kept_call_wanted(&k);
  kept_call_hold(&k, open("/dev/null", O_RDONLY | O_CLOEXEC));
  kept_call_again(&k, &deadline);
  kept_call_failed(&k);
  assert_true(kept_call_wanted(&k));
  kept_call_hold(&k, open("/dev/null", O_RDONLY | O_CLOEXEC));
  kept_call_again(&k, &deadline);
  k.soon = monotonic_ms();
  kept_call_failed(&k);
  assert_int_equal(k.fd, -1);
  assert_false(kept_call_wanted(&k));
  k.rests -= 10000;
  assert_true(kept_call_wanted(&k));
}

static void test_a_child_does_not_speak_on_it(void **state)
{
  (void)state;
  struct kept_call k = KEPT_CALL_NONE;
  int64_t deadline = 1;
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  kept_call_hold(&k, fd);
  k.caller++;
  assert_int_equal(kept_call_again(&k, &deadline), -1);
  assert_int_equal(fcntl(fd, F_GETFD), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_who_stays_asks_again, begin, end),
    cmocka_unit_test_setup_teardown(test_new_ones_come_first, begin, end),
    cmocka_unit_test_setup_teardown(test_who_hangs_up_is_not_served, begin, end),
    cmocka_unit_test_setup_teardown(test_too_many_are_hung_up_on, begin, end),
    cmocka_unit_test(test_the_first_question_does_not_stay),
    cmocka_unit_test(test_none_is_kept_for_a_while_after_an_answer_that_was_late),
    cmocka_unit_test(test_a_child_does_not_speak_on_it)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
