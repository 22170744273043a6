/* One asks the TLS service, or the server under which one runs, and both may be away, late or talk nonsense. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "parts.h"
#include "service.h"
#include "tls_ask.h"

static struct service const door = { .path = TLS_SOCKET, .mode = 0600, .owner = -1, .group = -1, .waiting = 4 };
static struct tls_question const question = { .side = TLS_SERVER, .service = TLS_SMTP, .ms = 5000 };

static int begin(void **state)
{
  static char directory[] = "/tmp/tls_ask.XXXXXX";
  *state = directory;
  return mkdtemp(directory) && chdir(directory) == 0 && mkdir("run", 0700) == 0 && mkdir(TLS_PLACE, 0700) == 0 ? 0 : 1;
}

static int end(void **state)
{
  return rmdir(TLS_PLACE) == 0 && rmdir("run") == 0 && chdir("/") == 0 && rmdir(*state) == 0 ? 0 : 1;
}

/* The descriptor of the question that comes second. */
static int take_question(int fd)
{
  char bytes[TLS_QUESTION_MAX];
  union { struct cmsghdr head; char space[CMSG_SPACE(2 * sizeof (int))]; } control;
  struct iovec part = { .iov_base = bytes, .iov_len = sizeof bytes };
  struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct tls_question q;
  int descriptors[2];
  ssize_t n = recvmsg(fd, &m, 0);
  if (n <= 0 || tls_question_unpack(&q, bytes, (size_t)n) != n || q.ms != question.ms) _exit(1);
  memcpy(descriptors, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof descriptors);
  return descriptors[1];
}

static void say(int fd, enum tls_said said, char const *why)
{
  char bytes[TLS_ANSWER_MAX];
  struct tls_answer const a = { .said = said, .why = field_of(why), .cipher = field_of("AES") };
  service_say(fd, bytes, tls_answer_pack(bytes, &a));
}

/* A service that says so, then so; and on the plain end "inside". */
static pid_t serve(int listener, enum tls_said first, enum tls_said second)
{
  pid_t pid = fork();
  if (pid) return pid;
  int fd = accept(listener, 0, 0), plain = take_question(fd);
  char go;
  say(fd, first, first == TLS_READY ? "" : "no certificate");
  if (read(fd, &go, 1) == 1 && go == TLS_GO && second != TLS_WORDS) say(fd, second, "handshake");
  if (second == TLS_DONE && write(plain, "inside", 6) != 6) _exit(1);
  _exit(0);
}

static enum tls_said ask(struct tls_asked *t, enum tls_said first, enum tls_said second)
{
  int listener = service_listen(&door, 0);
  pid_t pid = serve(listener, first, second);
  enum tls_said said = tls_ask_open(t, &question, 0);
  if (said == TLS_READY) said = tls_ask_start(t);
  waitpid(pid, 0, 0);
  service_end(&door, listener);
  return said;
}

static bool told(struct tls_asked const *t, char const *why)
{
  return t->answer.why.len == strlen(why) && !memcmp(t->answer.why.s, why, strlen(why));
}

static void a_connection_is_given_over(void **state)
{
  (void)state;
  struct tls_asked t;
  char inside[6];
  assert_int_equal(ask(&t, TLS_READY, TLS_DONE), TLS_DONE);
  assert_true(t.in == t.out && t.in != -1 && t.control == -1 && t.answer.cipher.len == 3);
  assert_int_equal(read(t.in, inside, sizeof inside), 6);
  assert_memory_equal(inside, "inside", 6);
  close(t.in);
}

static void a_service_may_say_no(void **state)
{
  (void)state;
  struct tls_asked t;
  assert_int_equal(ask(&t, TLS_TROUBLE, TLS_WORDS), TLS_TROUBLE);
  assert_true(told(&t, "no certificate") && t.in == -1 && t.control == -1);
  assert_int_equal(ask(&t, TLS_READY, TLS_FAILED), TLS_FAILED);
  assert_true(told(&t, "handshake") && t.in == -1 && t.control == -1);
}

/* It is offered where there is a certificate. */
static void it_is_offered(void **state)
{
  (void)state;
  assert_false(tls_ask_is_possible());
  close(creat(TLS_CERTIFICATE, 0600));
  assert_true(tls_ask_is_possible());
  unlink(TLS_CERTIFICATE);
}

static void a_service_may_be_away(void **state)
{
  (void)state;
  struct tls_asked t;
  assert_int_equal(tls_ask_open(&t, &question, 0), TLS_TROUBLE);
  assert_true(told(&t, "the TLS service is down") && t.in == -1 && t.control == -1);
  assert_int_equal(ask(&t, TLS_READY, TLS_WORDS), TLS_TROUBLE);
  assert_true(told(&t, "the TLS service does not answer") && t.in == -1 && t.control == -1);
}

static void too_much_is_not_asked(void **state)
{
  (void)state;
  static char many[TLS_QUESTION_MAX];
  struct tls_asked t;
  struct tls_question const q = { .side = TLS_CLIENT, .tlsa = { many, sizeof many } };
  assert_int_equal(tls_ask_open(&t, &q, 0), TLS_TROUBLE);
}

static void another_server_is_asked(void **state)
{
  (void)state;
  struct tls_asked t;
  char number[12], go;
  int control[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, control), 0);
  sprintf(number, "%d", control[0]);
  setenv("SSLCTLFD", number, 1);
  setenv("SSLREADFD", "7", 1);
  assert_false(tls_ask_is_possible());
  setenv("SSLWRITEFD", "8", 1);
  assert_true(tls_ask_is_possible());
  assert_int_equal(tls_ask_open(&t, &question, 0), TLS_READY);
  assert_int_equal(write(control[1], "SSL_PROTOCOL=TLSv1.3\0\0", 22), 22);
  assert_int_equal(tls_ask_start(&t), TLS_DONE);
  assert_true(t.in == 7 && t.out == 8 && t.answer.protocol.len == 7);
  assert_true(read(control[1], &go, 1) == 1 && go == 'Y');
  close(control[1]);
  signal(SIGPIPE, SIG_IGN);
  assert_int_equal(tls_ask_open(&t, &question, 0), TLS_READY);
  assert_int_equal(tls_ask_start(&t), TLS_FAILED);
  struct tls_question const client = { .side = TLS_CLIENT, .ms = 5000 };
  assert_int_equal(tls_ask_open(&t, &client, 0), TLS_TROUBLE);
  close(control[0]);
  unsetenv("SSLCTLFD");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_connection_is_given_over),
    cmocka_unit_test(a_service_may_say_no),
    cmocka_unit_test(it_is_offered),
    cmocka_unit_test(a_service_may_be_away),
    cmocka_unit_test(too_much_is_not_asked),
    cmocka_unit_test(another_server_is_asked)
  };
  return cmocka_run_group_tests(tests, begin, end);
}
