#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/uint32.h>

#include "agent.h"
#include "agent_pool.h"
#include "bytes.h"

static int some_job;

static struct agent_pool *new_pool(size_t idle_max, uint64_t idle_time)
{
  static struct agent_pool pool;
  for (size_t i = pool.count; i--;) agent_end(&pool, pool.agents[i]);
  assert_int_equal(pool.idle, 0);
  pool.most = AGENTS_MAX;
  pool.idle_max = idle_max;
  pool.idle_time = idle_time;
  return &pool;
}

static struct agent *add(struct agent_pool *pool, char const *key, size_t len)
{
  int theirs;
  struct agent *a = agent_add(pool, 0, &some_job, &theirs);
  assert_non_null(a);
  close(theirs);
  assert_true(bytes_setb(&a->key, key, len));
  return a;
}

static struct agent *idle(struct agent_pool *pool, char const *key, uint64_t since)
{
  struct agent *a = add(pool, key, strlen(key));
  agent_rest(pool, a, since);
  return a;
}

/* ---- keys ---- */

static void only_the_same_key_serves(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  static struct { char const *key; size_t len; } const keys[] = {
    { "joe\0001\0001\000/h", 10 }, { "joe\0001\0001\000/i", 10 }, { "joe\0001\0002\000/h", 10 }, { "joe", 3 }, { "joe\0", 4 }
  };
  size_t n = sizeof keys / sizeof *keys;
  struct agent *agents[sizeof keys / sizeof *keys];
  for (size_t i = 0; i < n; i++) {
    agents[i] = add(pool, keys[i].key, keys[i].len);
    assert_null(agent_idle(pool, keys[i].key, keys[i].len));
    agent_rest(pool, agents[i], i);
  }
  for (size_t i = 0; i < n; i++) assert_ptr_equal(agent_idle(pool, keys[i].key, keys[i].len), agents[i]);
  assert_null(agent_idle(pool, "jo", 2));
  assert_null(agent_idle(pool, "", 0));
}

static void an_agent_without_a_key_serves_nobody(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  idle(pool, "", 1);
  assert_null(agent_idle(pool, "", 0));
}

static void the_last_used_serves_first_and_only_once(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  struct agent *old = idle(pool, "a", 5), *recent = idle(pool, "a", 7);
  assert_ptr_equal(agent_idle(pool, "a", 1), recent);
  agent_employ(pool, recent, &some_job);
  assert_ptr_equal(agent_idle(pool, "a", 1), old);
  agent_employ(pool, old, &some_job);
  assert_null(agent_idle(pool, "a", 1));
  assert_int_equal(pool->idle, 0);
}

/* ---- bounds ---- */

static void beyond_the_limit_the_oldest_goes(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(2, 1000);
  idle(pool, "b", 20);
  idle(pool, "a", 10);
  struct agent *busy = add(pool, "d", 1);
  idle(pool, "c", 30);
  assert_null(agent_idle(pool, "a", 1));
  assert_non_null(agent_idle(pool, "b", 1));
  assert_non_null(agent_idle(pool, "c", 1));
  assert_int_equal(pool->idle, 2);
  assert_int_equal(pool->count, 3);
  agent_end(pool, busy);
  assert_int_equal(pool->idle, 2);
}

static void with_limit_zero_nobody_rests(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(0, 1000);
  agent_rest(pool, add(pool, "a", 1), 1);
  assert_int_equal(pool->count, 0);
}

static void time_ends_the_idle(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  assert_int_equal(agent_expire(pool, 0), -1);
  idle(pool, "a", 0);
  idle(pool, "b", 400);
  add(pool, "c", 1);
  assert_int_equal(agent_expire(pool, 100), 900);
  assert_int_equal(agent_expire(pool, 999), 1);
  assert_int_equal(pool->idle, 2);
  assert_int_equal(agent_expire(pool, 1000), 400);
  assert_null(agent_idle(pool, "a", 1));
  assert_int_equal(agent_expire(pool, 5000), -1);
  assert_int_equal(pool->idle, 0);
  assert_int_equal(pool->count, 1);
}

static void all_idle_can_be_sent_away(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  idle(pool, "a", 0);
  struct agent *busy = add(pool, "b", 1);
  idle(pool, "c", 0);
  agent_end_idle(pool);
  assert_int_equal(pool->count, 1);
  assert_ptr_equal(pool->agents[0], busy);
}

static void there_is_an_end_to_it(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  int theirs = 0;
  pool->most = 20;
  for (int i = 0; i < 20; i++) add(pool, "a", 1);
  assert_null(agent_add(pool, 0, &some_job, &theirs));
  assert_int_equal(theirs, -1);
  new_pool(10, 1000);
}

/* ---- invitations ---- */

static char const *invitation(int fd, char const *text, size_t len)
{
  struct stat const st = { .st_dev = 7, .st_ino = 9 };
  setenv(AGENT_VARIABLE, "left over", 1);
  agent_offer(&(struct agent_invitation){ fd, &st }, text, len);
  return getenv(AGENT_VARIABLE);
}

static bool is_inherited(int fd)
{
  return !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void only_who_is_invited_hears_of_it(void **state)
{
  (void)state;
  static char const much[5000];
  char expected[40];
  int theirs;
  agent_add(new_pool(10, 1000), 0, &some_job, &theirs);
  assert_null(invitation(-1, "x", 1));
  assert_null(invitation(theirs, "", 0));
  assert_null(invitation(theirs, much, sizeof much));
  assert_false(is_inherited(theirs));
  snprintf(expected, sizeof expected, AGENT_VERSION ":7:9:%d", theirs);
  assert_string_equal(invitation(theirs, "joe", 3), expected);
  assert_true(is_inherited(theirs));
  close(theirs);
}

/* ---- words ---- */

/* From a process of its own, which ends behind it. */
static pid_t say(int fd, char const *word, size_t len)
{
  pid_t pid = fork();
  if (pid == 0) _exit(send(fd, word, len, 0) == (ssize_t)len ? 0 : 1);
  assert_int_equal(waitpid(pid, 0, 0), pid);
  return pid;
}

static void what_it_says_has_an_order(void **state)
{
  (void)state;
  static char const done[AGENT_ANSWER] = { 0, 1, 0, 0, 'k' }, here = AGENT_HERE;
  struct agent_pool *pool = new_pool(10, 1000);
  struct agent_word word;
  int theirs;
  struct agent *a = agent_add(pool, 0, &some_job, &theirs);
  a->pid = getpid();
  assert_int_equal(agent_hear(a, &word), AGENT_SILENT);
  assert_int_equal(send(theirs, "joe", 3, 0), 3);
  assert_int_equal(send(theirs, &here, 1, 0), 1);
  assert_int_equal(send(theirs, done, sizeof done, 0), sizeof done);
  assert_int_equal(agent_hear(a, &word), AGENT_SILENT);
  assert_memory_equal(a->about.s, "joe", 3);
  assert_false(a->forward);
  assert_int_equal(agent_hear(a, &word), AGENT_FORWARD);
  assert_true(a->forward);
  assert_int_equal(word.uid, getuid());
  assert_int_equal(agent_hear(a, &word), AGENT_DONE);
  assert_int_equal(word.wstat, 256);
  assert_true(word.kept);
  close(theirs);
  assert_int_equal(agent_hear(a, &word), AGENT_GONE);
}

static void a_job_is_light_before_its_end(void **state)
{
  (void)state;
  static char const light = AGENT_LIGHT, other = 'x', done[AGENT_ANSWER] = { 0, 0, 0, 0, '-' };
  struct agent_pool *pool = new_pool(10, 1000);
  struct agent_word word;
  int theirs;
  struct agent *a = agent_add(pool, 0, &some_job, &theirs);
  a->pid = getpid();
  assert_true(bytes_set(&a->about, "joe"));
  a->forward = true;
  assert_int_equal(send(theirs, &light, 1, 0), 1);
  assert_int_equal(send(theirs, done, sizeof done, 0), sizeof done);
  assert_int_equal(agent_hear(a, &word), AGENT_WORKS_LIGHT);
  assert_int_equal(agent_hear(a, &word), AGENT_DONE);
  assert_int_equal(send(theirs, &other, 1, 0), 1);
  assert_int_equal(agent_hear(a, &word), AGENT_GONE);
  agent_rest(pool, a, 1);
  assert_int_equal(send(theirs, &light, 1, 0), 1);
  assert_int_equal(agent_hear(a, &word), AGENT_GONE);
  close(theirs);
}

/* What a request says to the agent. */
static void the_terms_stand_in_front_of_a_request(void **state)
{
  (void)state;
  struct { struct agent_terms terms; char head[AGENT_HEAD]; } const cases[] = {
    { { 0, false }, { 0, 0, 0, 0, '-' } }, { { 258, true }, { 2, 1, 0, 0, AGENT_LIGHT } }
  };
  struct agent_pool *pool = new_pool(10, 1000);
  int theirs;
  struct agent *a = agent_add(pool, 0, &some_job, &theirs);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char got[100];
    assert_true(agent_request(a, cases[i].terms, "a\0b", 4, 0));
    assert_int_equal(recv(theirs, got, sizeof got, 0), AGENT_HEAD + 4);
    assert_memory_equal(got, cases[i].head, AGENT_HEAD);
    assert_memory_equal(got + AGENT_HEAD, "a\0b", 4);
  }
  close(theirs);
}

static void another_process_speaks_for_no_agent(void **state)
{
  (void)state;
  static char const done[AGENT_ANSWER] = { 0, 0, 0, 0, '-' };
  struct agent_pool *pool = new_pool(10, 1000);
  struct agent_word word;
  int theirs;
  struct agent *a = agent_add(pool, 0, &some_job, &theirs);
  a->pid = getpid();
  assert_true(bytes_set(&a->about, "joe"));
  a->forward = true;
  say(theirs, done, sizeof done);
  assert_int_equal(agent_hear(a, &word), AGENT_GONE);
  a->pid = say(theirs, done, sizeof done);
  assert_int_equal(agent_hear(a, &word), AGENT_DONE);
  close(theirs);
}

/* Descriptors that come with a word would stay with the spawner for ever. */
static void nobody_gives_us_descriptors(void **state)
{
  (void)state;
  struct agent_pool *pool = new_pool(10, 1000);
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int))]; } control = { .space = "" };
  struct iovec v = { "joe", 3 };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct agent_word word;
  int theirs, one = 1;
  struct agent *a = agent_add(pool, 0, &some_job, &theirs);
  a->pid = getpid();
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  *c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof one) };
  memcpy(CMSG_DATA(c), &one, sizeof one);
  assert_int_equal(sendmsg(theirs, &m, 0), 3);
  int next = dup(0);
  close(next);
  agent_hear(a, &word);
  assert_int_equal(dup(0), next);
  close(next);
  close(theirs);
}

static int deliveries;

static void deliver(int argc, char const *const *argv)
{
  assert_int_equal(argc, 2);
  assert_string_equal(argv[1], "argument");
  assert_false(agent_stays());
  deliveries++;
}

/* Nobody else's invitation is taken: this process is not the file 7:9, so it has its one delivery and goes on. */
static void an_invitation_for_another_program_is_not_taken(void **state)
{
  (void)state;
  char const *const given[] = { "program", "argument", 0 };
  static char const *const odd[] = {
    "", "5", "5:", "5:7:9:", "5:7:9:00001", "4:7:9:00001", "5:7:9", "x", "5:7:9:0", "5:7:9:1", "5:7:9:-1",
    "5:7:9:99999", "5:7:9:99999999999999999999"
  };
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    setenv(AGENT_VARIABLE, odd[i], 1);
    agent_run(2, given, &(struct agent_work){ .deliver = deliver });
    assert_int_equal(deliveries, i + 1);
    assert_null(getenv(AGENT_VARIABLE));
  }
}

static void tell_whether_it_stays(int argc, char const *const *argv)
{
  (void)argc, (void)argv;
  _exit(agent_stays());
}

/* What a child's exit code is. */
static int told_by(pid_t pid)
{
  int wstat;
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  assert_true(WIFEXITED(wstat));
  return WEXITSTATUS(wstat);
}

/* By a child of this process, which is offered the descriptor in the name of the program that runs here. */
static bool is_taken(int fd)
{
  struct stat st;
  char offer[80];
  char const *const given[] = { "program", 0 };
  pid_t pid = fork();
  if (pid) return told_by(pid);
  if (stat("/proc/self/exe", &st) == -1) _exit(2);
  snprintf(offer, sizeof offer, AGENT_VERSION ":%ju:%ju:%d", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, fd);
  setenv(AGENT_VARIABLE, offer, 1);
  agent_run(1, given, &(struct agent_work){ .deliver = tell_whether_it_stays });
  _exit(2);
}

static void only_a_socket_that_the_parent_made_is_obeyed(void **state)
{
  (void)state;
  int pair[2], pipes[2];
  assert_int_equal(pipe(pipes), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
  assert_true(is_taken(pair[1]));
  assert_false(is_taken(pipes[1]));
  pid_t pid = fork();
  if (pid == 0) _exit(is_taken(pair[1]));
  assert_int_equal(told_by(pid), 0);
}

/* ---- a delivery in a child of the agent ---- */

static int program_runs[2];          /* a pipe: the program of the delivery says that it does */
static bool ended_at_once;           /* the agent is told to end as soon as it has that child */

/* In place of libc's: what an agent that is slow to go on after its fork meets. */
pid_t fork(void)
{
  char c;
  pid_t pid = _Fork();
  if (pid > 0 && ended_at_once && read(program_runs[0], &c, 1) == 1) raise(SIGTERM);
  return pid;
}

/* A delivery that lasts until a signal ends its program. */
static void run_a_program(int argc, char const *const *argv)
{
  (void)argc, (void)argv;
  if (agent_leave_to_child()) return;
  pid_t program = _Fork();
  if (program == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, SIG_DFL);
    if (write(program_runs[1], "", 1) != 1) _exit(1);
    for (;;) pause();
  }
  int wstat;
  waitpid(program, &wstat, 0);
  _exit(WIFSIGNALED(wstat) ? WTERMSIG(wstat) : 0);
}

static _Noreturn void be_agent(int fd)
{
  struct stat st;
  char offer[80];
  char const *const given[] = { "program", 0 };
  ended_at_once = true;
  if (stat("/proc/self/exe", &st) == -1) _exit(2);
  snprintf(offer, sizeof offer, AGENT_VERSION ":%ju:%ju:%d", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, fd);
  setenv(AGENT_VARIABLE, offer, 1);
  agent_run(1, given, &(struct agent_work){ .deliver = run_a_program });
  _exit(2);
}

static void an_end_that_comes_right_after_the_fork_reaches_the_delivery(void **state)
{
  (void)state;
  int pair[2], wstat;
  char answer[AGENT_ANSWER + 1];
  uint32_t of_delivery;
  assert_int_equal(pipe(program_runs), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
  pid_t agent = _Fork();
  if (agent == 0) {
    close(pair[0]);
    be_agent(pair[1]);
  }
  close(pair[1]);
  assert_int_equal(recv(pair[0], answer, sizeof answer, 0), 1);
  assert_int_equal(recv(pair[0], answer, sizeof answer, 0), AGENT_ANSWER);
  uint32_unpack(answer, &of_delivery);
  assert_int_equal(WEXITSTATUS((int)of_delivery), SIGTERM);
  close(pair[0]);
  assert_int_equal(waitpid(agent, &wstat, 0), agent);
  assert_true(WIFEXITED(wstat));
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(an_end_that_comes_right_after_the_fork_reaches_the_delivery),
    cmocka_unit_test(only_the_same_key_serves),
    cmocka_unit_test(an_agent_without_a_key_serves_nobody),
    cmocka_unit_test(the_last_used_serves_first_and_only_once),
    cmocka_unit_test(beyond_the_limit_the_oldest_goes),
    cmocka_unit_test(with_limit_zero_nobody_rests),
    cmocka_unit_test(time_ends_the_idle),
    cmocka_unit_test(all_idle_can_be_sent_away),
    cmocka_unit_test(there_is_an_end_to_it),
    cmocka_unit_test(only_who_is_invited_hears_of_it),
    cmocka_unit_test(what_it_says_has_an_order),
    cmocka_unit_test(a_job_is_light_before_its_end),
    cmocka_unit_test(the_terms_stand_in_front_of_a_request),
    cmocka_unit_test(another_process_speaks_for_no_agent),
    cmocka_unit_test(nobody_gives_us_descriptors),
    cmocka_unit_test(an_invitation_for_another_program_is_not_taken),
    cmocka_unit_test(only_a_socket_that_the_parent_made_is_obeyed)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
