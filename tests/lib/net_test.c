#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "net.h"

/* What net_init's caller promises not to return from, a test leaves by a jump. */
static jmp_buf away;
static enum net_loss loss;

static void lost(struct net *n, enum net_loss why)
{
  (void)n;
  loss = why;
  longjmp(away, 1);
}

static struct net n;
static int peer;

static void connect_pair(unsigned timeout, unsigned session)
{
  int s[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
  peer = s[1];
  net_init(&n, s[0], s[0], timeout, session, lost);
}

static void disconnect(void)
{
  close(n.in);
  close(peer);
}

static struct {
  char const *input;
  size_t len, max;
  enum net_line result;
  char const *line;
  size_t line_len;
  bool bare;
} const lines[] = {
  { "\n", 1, 4, NET_LINE, "", 0, true },
  { "\r\n", 2, 4, NET_LINE, "", 0, false },
  { "\r\r\n", 3, 4, NET_LINE, "\r", 1, false },
  { "a\n", 2, 4, NET_LINE, "a", 1, true },
  { "abcd\r\n", 6, 4, NET_LINE, "abcd", 4, false },
  { "abcd\n", 5, 4, NET_LINE, "abcd", 4, true },
  { "abcde\r\n", 7, 4, NET_TOO_LONG, "abcd", 4, false },
  { "abcde\n", 6, 4, NET_TOO_LONG, "abcd", 4, true },
  { "abcd\r\r\n", 7, 4, NET_TOO_LONG, "abcd", 4, false },
  { "abcd\re\r\n", 8, 4, NET_TOO_LONG, "abcd", 4, false },
  { "abc\r\r\n", 6, 4, NET_LINE, "abc\r", 4, false },
  { "a\rb\r\n", 5, 4, NET_LINE, "a\rb", 3, false },
  { "a\0b\r\n", 5, 4, NET_LINE, "a\0b", 3, false },
  { "x\r\n", 3, 0, NET_TOO_LONG, "", 0, false },
  { "\r\n", 2, 0, NET_LINE, "", 0, false }
};

static void try_line(size_t i)
{
  char line[16];
  size_t len;
  bool bare;
  connect_pair(5, 0);
  if (setjmp(away)) fail_msg("lost %d", (int)loss);
  assert_int_equal(write(peer, lines[i].input, lines[i].len), lines[i].len);
  assert_int_equal(write(peer, "next\r\n", 6), 6);
  if (net_line(&n, line, lines[i].max, &len, &bare) != lines[i].result) fail_msg("case %zu", i);
  if (lines[i].result == NET_LINE) {
    if (len != lines[i].line_len || memcmp(line, lines[i].line, len)) fail_msg("case %zu: %zu", i, len);
    if (bare != lines[i].bare) fail_msg("case %zu: bare", i);
  }
  assert_int_equal(net_line(&n, line, 16, &len, &bare), NET_LINE);
  assert_int_equal(len, 4);
  assert_memory_equal(line, "next", 4);
  disconnect();
}

static void lines_of_all_lengths(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) try_line(i);
}

static void an_endless_line_costs_no_memory(void **state)
{
  (void)state;
  static char block[100000];
  char line[16];
  size_t len;
  bool bare;
  memset(block, 'x', sizeof block);
  connect_pair(5, 0);
  int pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 100; i++)
      if (write(peer, block, sizeof block) != sizeof block) _exit(1);
    if (write(peer, "\r\nend\r\n", 7) != 7) _exit(1);
    _exit(0);
  }
  if (setjmp(away)) fail_msg("lost %d", (int)loss);
  assert_int_equal(net_line(&n, line, 16, &len, &bare), NET_TOO_LONG);
  assert_int_equal(net_line(&n, line, 16, &len, &bare), NET_LINE);
  assert_memory_equal(line, "end", 3);
  disconnect();
}

static void replies_wait_for_the_next_question(void **state)
{
  (void)state;
  char got[16], line[16];
  size_t len;
  bool bare;
  connect_pair(5, 0);
  if (setjmp(away)) fail_msg("lost %d", (int)loss);
  assert_int_equal(write(peer, "a\r\nb\r\n", 6), 6);
  for (int i = 0; i < 2; i++) {
    net_line(&n, line, 16, &len, &bare);
    net_puts(&n, "ok");
  }
  assert_int_equal(recv(peer, got, sizeof got, MSG_DONTWAIT), -1);
  assert_int_equal(write(peer, "c\r\n", 3), 3);
  net_line(&n, line, 16, &len, &bare);
  assert_int_equal(recv(peer, got, sizeof got, MSG_DONTWAIT), 4);
  assert_memory_equal(got, "okok", 4);
  disconnect();
}

static void *drain(void *total)
{
  char block[4096];
  ssize_t r;
  while ((r = read(peer, block, sizeof block)) > 0)
    for (ssize_t i = 0; i < r; i++) {
      if (block[i] != (char)(*(size_t *)total % 251)) return 0;
      ++*(size_t *)total;
    }
  return 0;
}

static void much_output_leaves_in_order(void **state)
{
  (void)state;
  pthread_t reader;
  size_t total = 0;
  connect_pair(5, 0);
  if (setjmp(away)) fail_msg("lost %d", (int)loss);
  pthread_create(&reader, 0, drain, &total);
  for (size_t i = 0, k = 1; i < 1000000; i += k, k = k % 20000 + 777) {
    char block[21000];
    if (k > 1000000 - i) k = 1000000 - i;
    for (size_t j = 0; j < k; j++) block[j] = (char)((i + j) % 251);
    net_put(&n, block, k);
  }
  net_flush(&n);
  shutdown(n.out, SHUT_WR);
  pthread_join(reader, 0);
  assert_int_equal(total, 1000000);
  disconnect();
}

static void a_pipe_serves_as_well(void **state)
{
  (void)state;
  int in[2], out[2];
  char got[8];
  assert_int_equal(pipe(in) | pipe(out), 0);
  net_init(&n, in[0], out[1], 5, 0, lost);
  if (setjmp(away)) fail_msg("lost %d", (int)loss);
  net_puts(&n, "hello");
  net_flush(&n);
  assert_int_equal(read(out[0], got, sizeof got), 5);
  assert_int_equal(write(in[1], "x", 1), 1);
  assert_int_equal(net_getc(&n), 'x');
  close(in[0]); close(in[1]); close(out[0]); close(out[1]);
}

static void losses(void **state)
{
  (void)state;
  connect_pair(5, 0);
  shutdown(peer, SHUT_WR);
  if (!setjmp(away)) net_fill(&n);
  assert_int_equal(loss, NET_EOF);
  disconnect();

  connect_pair(1, 0);
  if (!setjmp(away)) net_fill(&n);
  assert_int_equal(loss, NET_TIMEOUT);
  disconnect();

  connect_pair(10, 1);
  if (!setjmp(away)) net_fill(&n);
  assert_int_equal(loss, NET_SESSION_OVER);
  disconnect();

  connect_pair(1, 0);
  if (!setjmp(away))
    for (;;) net_puts(&n, "nobody reads this");
  assert_int_equal(loss, NET_TIMEOUT);
  disconnect();

  connect_pair(5, 0);
  close(peer);
  if (!setjmp(away)) {
    net_puts(&n, "x");
    net_flush(&n);
  }
  assert_int_equal(loss, NET_ERROR);
  close(n.in);
}

/* Says a byte now and then, until nobody listens. */
static void *drip(void *arg)
{
  (void)arg;
  while (send(peer, "x", 1, MSG_NOSIGNAL) == 1) usleep(20000);
  return 0;
}

static void what_is_allowed_is_for_all_waits_together(void **state)
{
  pthread_t dripper;
  (void)state;
  connect_pair(60, 0);
  pthread_create(&dripper, 0, drip, 0);
  net_allow(&n, 1);
  if (!setjmp(away))
    for (;;) net_getc(&n);
  assert_int_equal(loss, NET_TIMEOUT);
  net_allow(&n, 60);
  assert_int_equal(net_getc(&n), 'x');
  close(n.in);
  pthread_join(dripper, 0);
  close(peer);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines_of_all_lengths), cmocka_unit_test(an_endless_line_costs_no_memory),
    cmocka_unit_test(replies_wait_for_the_next_question), cmocka_unit_test(much_output_leaves_in_order),
    cmocka_unit_test(a_pipe_serves_as_well), cmocka_unit_test(losses),
    cmocka_unit_test(what_is_allowed_is_for_all_waits_together)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
