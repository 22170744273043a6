#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "home.h"
#include "queue_client.h"

static struct { int code; bool failed; char const *text; char const *verdict; } const verdicts[] = {
  { 0, false, "", "" },
  { 0, true, "", "Zqq read error (#4.3.0)" },
  { 0, false, "Dnot asked", "" },
  { 10, false, "", "Zqq temporary problem (#4.3.0)" },
  { 11, false, "", "Denvelope address too long for qq (#5.1.3)" },
  { 115, false, "", "Denvelope address too long for qq (#5.1.3)" },
  { 12, false, "", "Dqq permanent problem (#5.3.0)" },
  { 31, false, "", "Dmail server permanently rejected message (#5.3.0)" },
  { 40, false, "", "Dqq permanent problem (#5.3.0)" },
  { 41, false, "", "Zqq temporary problem (#4.3.0)" },
  { 51, false, "", "Zqq out of memory (#4.3.0)" },
  { 52, false, "", "Zqq timeout (#4.3.0)" },
  { 53, true, "", "Zqq write error or disk full (#4.3.0)" },
  { 54, false, "", "Zqq read error (#4.3.0)" },
  { 61, false, "", "Zqq trouble in home directory (#4.3.0)" },
  { 64, false, "", "Zqq trouble creating files in queue (#4.3.0)" },
  { 81, false, "", "Zqq internal bug (#4.3.0)" },
  { 91, false, "", "Zqq internal bug (#4.3.0)" },
  { 111, false, "", "Zqq temporary problem (#4.3.0)" },
  { 120, false, "", "Zunable to exec qq (#4.3.0)" },
  { 82, false, "", "Zqq temporary problem (#4.3.0)" },
  { 82, false, "D", "Zqq temporary problem (#4.3.0)" },
  { 82, false, "Dx", "Zqq temporary problem (#4.3.0)" },
  { 82, false, "xyz", "Zqq temporary problem (#4.3.0)" },
  { 82, false, "Dno virus please", "Dno virus please" },
  { 82, false, "Zlater", "Zlater" },
  { 31, false, "Zlater", "Dmail server permanently rejected message (#5.3.0)" }
};

static void exit_codes_and_their_verdicts(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
    char const *got = queue_client_verdict(verdicts[i].code, verdicts[i].failed, verdicts[i].text, strlen(verdicts[i].text));
    if (strcmp(got, verdicts[i].verdict)) fail_msg("%d: %s", verdicts[i].code, got);
  }
}

static void verdicts_and_what_an_injector_exits_with(void **state)
{
  (void)state;
  assert_int_equal(queue_client_end(""), 0);
  assert_int_equal(queue_client_end("Dno (#5.7.1)"), 100);
  assert_int_equal(queue_client_end("Zlater"), 111);
  assert_int_equal(queue_client_end("?"), 111);
}

static char place[] = "/tmp/queue-client-XXXXXX";
static char program[64];

/* The queue program runs in HOME, which this machine need not have: we make one in a mount namespace of our own. */
static bool home_made(void)
{
  char parent[] = HOME;
  *strrchr(parent, '/') = 0;
  return unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0
      && mount("tmpfs", parent, "tmpfs", 0, 0) == 0 && mkdir(HOME, 0755) == 0;
}

static bool home_exists(void)
{
  return access(HOME, X_OK) == 0;
}

static int set_up(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
  close_range(3, ~0u, 0);
  if (!mkdtemp(place) || (!home_exists() && !home_made() && geteuid() == 0)) return -1;
  snprintf(program, sizeof program, "%s/qq", place);
  return setenv("QMAILQUEUE", program, 1);
}

static int tear_down(void **state)
{
  (void)state;
  return rm_rf(place);
}

static void queue_program(char const *body)
{
  FILE *f = fopen(program, "w");
  fprintf(f, "#!/bin/sh\nd=%s\n%s\n", place, body);
  fchmod(fileno(f), 0755);
  fclose(f);
}

static void expect(char const *name, char const *content, size_t len)
{
  char path[96], got[512];
  snprintf(path, sizeof path, "%s/%s", place, name);
  assert_int_equal(openreadnclose(path, got, sizeof got), len);
  assert_memory_equal(got, content, len);
}

static char const *send_one(struct queue_client *q)
{
  assert_true(queue_client_open(q));
  queue_client_puts(q, "hello\n");
  queue_client_from(q, "s@x", 3);
  queue_client_to(q, "a@y", 3);
  queue_client_to(q, "", 0);
  return queue_client_close(q);
}

static void message_and_envelope_arrive(void **state)
{
  (void)state;
  static struct queue_client q;
  if (!home_exists()) skip();
  queue_program("cat >$d/message; cat <&1 >$d/envelope");
  assert_string_equal(send_one(&q), "");
  expect("message", "hello\n", 6);
  expect("envelope", "Fs@x\0Ta@y\0T\0\0", 13);
}

/* A caller's own choice is stronger than the environment. */
static void a_program_with_arguments(void **state)
{
  (void)state;
  static struct queue_client q;
  char other[96];
  if (!home_exists()) skip();
  queue_program("printf '%s,' \"$@\" >$d/message; cat >>$d/message; cat <&1 >$d/envelope");
  snprintf(other, sizeof other, "%s/other", place);
  assert_int_equal(rename(program, other), 0);
  assert_true(queue_client_open_program(&q, (char const *const []){ other, "a b", "c", 0 }));
  queue_client_puts(&q, "hello\n");
  queue_client_from(&q, "s@x", 3);
  assert_string_equal(queue_client_close(&q), "");
  expect("message", "a b,c,hello\n", 12);
  expect("envelope", "Fs@x\0\0", 6);
}

static void send_extras(struct queue_client *q)
{
  queue_program("cat >$d/message; cat <&1 >$d/envelope");
  assert_true(queue_client_open(q));
  queue_client_from(q, "s@x", 3);
  queue_client_extra(q, EXTRA_ENVID, "id", 2);
  queue_client_to(q, "a@y", 3);
  queue_client_extra(q, EXTRA_NOTIFY, "NEVER", 5);
  assert_string_equal(queue_client_close(q), "");
}

/* A program of somebody else reads F and T, and may take anything else for damage. */
static void only_who_knows_of_extras_gets_them(void **state)
{
  (void)state;
  static struct queue_client q;
  if (!home_exists()) skip();
  assert_false(queue_client_takes_extras());
  send_extras(&q);
  expect("envelope", "Fs@x\0Ta@y\0\0", 11);
  setenv("QMAILQUEUE_EXTRAS", "", 1);
  assert_true(queue_client_takes_extras());
  send_extras(&q);
  expect("envelope", "Fs@x\0eid\0Ta@y\0nNEVER\0\0", 22);
  unsetenv("QMAILQUEUE_EXTRAS");
}

static void a_change_of_mind_leaves_the_envelope_open(void **state)
{
  (void)state;
  static struct queue_client q;
  if (!home_exists()) skip();
  queue_program("cat >$d/message; cat <&1 >$d/envelope; exit 54");
  assert_true(queue_client_open(&q));
  queue_client_puts(&q, "hello\n");
  queue_client_from(&q, "s@x", 3);
  queue_client_fail(&q);
  queue_client_to(&q, "a@y", 3);
  assert_string_equal(queue_client_close(&q), "Zqq read error (#4.3.0)");
  char path[96];
  struct stat st;
  snprintf(path, sizeof path, "%s/envelope", place);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_size, 0);
}

static void a_text_of_its_own(void **state)
{
  (void)state;
  static struct queue_client q;
  if (!home_exists()) skip();
  queue_program("cat >/dev/null; cat <&1 >/dev/null; printf 'Dno (#5.7.1)' >&6; exit 82");
  assert_string_equal(send_one(&q), "Dno (#5.7.1)");
  static char const *const ends[] = { "\\n", "\\r\\n", "\\0", "\\n\\0rubbish", " \\n" };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    char program[128];
    snprintf(program, sizeof program, "cat >/dev/null; cat <&1 >/dev/null; printf 'Dno (#5.7.1)%s' >&6; exit 82", ends[i]);
    queue_program(program);
    assert_string_equal(send_one(&q), "Dno (#5.7.1)");
  }
  queue_program("cat >/dev/null; cat <&1 >/dev/null; printf D >&6; head -c 100000 /dev/zero | tr '\\0' x >&6; exit 82");
  assert_int_equal(strlen(send_one(&q)), QUEUE_TEXT_MAX);
}

static void a_program_that_does_not_read(void **state)
{
  (void)state;
  static struct queue_client q;
  static char block[200000];
  if (!home_exists()) skip();
  queue_program("exit 31");
  assert_true(queue_client_open(&q));
  queue_client_put(&q, block, sizeof block);
  queue_client_from(&q, "s", 1);
  assert_string_equal(queue_client_close(&q), "Dmail server permanently rejected message (#5.3.0)");
}

static void a_program_that_is_not_there(void **state)
{
  (void)state;
  static struct queue_client q;
  if (!home_exists()) skip();
  unlink(program);
  assert_string_equal(send_one(&q), "Zunable to exec qq (#4.3.0)");
}

static void a_program_that_crashes(void **state)
{
  (void)state;
  static struct queue_client q;
  if (!home_exists()) skip();
  queue_program("kill -KILL $$");
  assert_string_equal(send_one(&q), "Zqq crashed (#4.3.0)");
}

/* Whatever the injector did with its signals and descriptors. */
static void the_program_starts_clean(void **state)
{
  (void)state;
  static struct queue_client q;
  sigset_t all;
  if (!home_exists()) skip();
  queue_program("cat >/dev/null; cat <&1 >/dev/null; "
                "while read l; do case $l in SigBlk*|SigIgn*) echo ${l%%:*} ${l#${l%???????}};; esac; done </proc/$$/status >$d/signals\n"
                "for f in 3 4 5 7 8 9; do [ ! -e /proc/$$/fd/$f ] || echo $f; done >$d/fds; pwd >$d/pwd");
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, 0);
  char const *verdict = send_one(&q);
  sigprocmask(SIG_UNBLOCK, &all, 0);
  assert_string_equal(verdict, "");
  expect("signals", "SigBlk 0000000\nSigIgn 0000000\n", 30);
  expect("fds", "", 0);
  expect("pwd", HOME "\n", sizeof HOME);
}

/* An injector without 0, 1 and 6 gets its pipes on those very numbers. */
static void descriptors_may_meet(void **state)
{
  (void)state;
  if (!home_exists()) skip();
  queue_program("cat >$d/message; cat <&1 >$d/envelope; printf Zlater >&6; exit 82");
  int pid = fork();
  if (pid == 0) {
    static struct queue_client q;
    for (int fd = 0; fd < 10; fd++)
      if (fd != 2) close(fd);
    _exit(strcmp(send_one(&q), "Zlater") != 0);
  }
  int wstat;
  assert_int_equal(wait_pid(pid, &wstat), pid);
  assert_int_equal(wstat, 0);
  expect("message", "hello\n", 6);
  expect("envelope", "Fs@x\0Ta@y\0T\0\0", 13);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(exit_codes_and_their_verdicts), cmocka_unit_test(verdicts_and_what_an_injector_exits_with),
    cmocka_unit_test(message_and_envelope_arrive), cmocka_unit_test(a_change_of_mind_leaves_the_envelope_open),
    cmocka_unit_test(only_who_knows_of_extras_gets_them), cmocka_unit_test(a_program_with_arguments),
    cmocka_unit_test(a_text_of_its_own), cmocka_unit_test(a_program_that_does_not_read),
    cmocka_unit_test(a_program_that_is_not_there), cmocka_unit_test(a_program_that_crashes),
    cmocka_unit_test(the_program_starts_clean), cmocka_unit_test(descriptors_may_meet)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
