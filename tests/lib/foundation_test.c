/* What we rely on in the libraries below: skalibs, libcdb, c-ares. A release that differs is told here, by name,
   and not by mail that goes astray. What a manual or a standard fixes, and every program would miss at once, is left out. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <cdb.h>
#include <cmocka.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#if __has_include(<skalibs/cspawn.h>)
#include <skalibs/cspawn.h>
#endif
#include <skalibs/genalloc.h>
#include <skalibs/iopause.h>
#include <skalibs/ip46.h>
#include <skalibs/posixplz.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sha256.h>
#include <skalibs/sig.h>
#include <skalibs/skamisc.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>
#include <skalibs/uint16.h>
#include <skalibs/uint32.h>
#include <skalibs/uint64.h>
#include <skalibs/unix-timed.h>

/* ---- memory ---- */

static void stralloc_gives_memory_and_leaves_the_rest_alone(void **state)
{
  (void)state;
  stralloc s = STRALLOC_ZERO;
  assert_true(stralloc_ready(&s, 1));
  assert_true(s.s && s.a >= 1 && s.len == 0);
  memcpy(s.s, "x", s.len = 1);
  for (size_t n = 1; n < 100000; n *= 3) {
    assert_true(stralloc_ready(&s, n));
    assert_true(s.a >= n && s.len == 1 && s.s[0] == 'x');
  }
  size_t const most = s.a;
  assert_true(stralloc_ready(&s, 1));
  assert_int_equal(s.a, most);
  stralloc_free(&s);
  assert_true(!s.s && !s.len && !s.a);
  stralloc_free(&s);
}

static void a_genalloc_is_an_array(void **state)
{
  (void)state;
  genalloc g = GENALLOC_ZERO;
  assert_int_equal(genalloc_len(uint32_t, &g), 0);
  for (uint32_t i = 0; i < 1000; i++) assert_true(genalloc_append(uint32_t, &g, &i));
  assert_int_equal(genalloc_len(uint32_t, &g), 1000);
  for (uint32_t i = 0; i < 1000; i++) assert_int_equal(genalloc_s(uint32_t, &g)[i], i);
  genalloc_setlen(uint32_t, &g, 7);
  assert_int_equal(genalloc_len(uint32_t, &g), 7);
  genalloc_setlen(uint32_t, &g, 0);
  assert_int_equal(genalloc_len(uint32_t, &g), 0);
  genalloc_free(uint32_t, &g);
  assert_true(!g.s && !g.len);
}

/* ---- bytes and numbers ---- */

static void what_is_not_found_is_at_the_end(void **state)
{
  (void)state;
  assert_int_equal(byte_chr("abcb", 4, 'b'), 1);
  assert_int_equal(byte_rchr("abcb", 4, 'b'), 3);
  assert_int_equal(byte_chr("abc", 3, 'x'), 3);
  assert_int_equal(byte_rchr("abc", 3, 'x'), 3);
  assert_int_equal(byte_chr("", 0, 'x'), 0);
  assert_int_equal(byte_rchr("", 0, 'x'), 0);
  assert_int_equal(byte_chr("a\0b", 3, 'b'), 2);
  assert_int_equal(str_chr("abc", 'x'), 3);
  assert_int_equal(str_chr("abc", 'b'), 1);
  assert_true(str_start("abc", "") && str_start("abc", "abc") && !str_start("ab", "abc"));
}

static void lower_case_is_that_of_ASCII(void **state)
{
  (void)state;
  char text[] = "AZ[@\0Q\xc4\xe4\xdfz";
  case_lowerb(text, sizeof text - 1);
  assert_memory_equal(text, "az[@\0q\xc4\xe4\xdfz", sizeof text);
  case_lowerb(text, 0);
  assert_int_equal(case_diffb("aB-", 3, "Ab-"), 0);
  assert_int_not_equal(case_diffb("ab", 2, "ac"), 0);
}

static void a_number_is_all_of_the_text_and_fits(void **state)
{
  (void)state;
  static char const *const bad[] = { "", "-1", "+1", " 1", "1 ", "1x", "x", "0x1" };
  unsigned int u;
  uint64_t big;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(uint0_scan(bad[i], &u));
    assert_false(uint640_scan(bad[i], &big));
  }
  assert_false(uint0_scan("4294967296", &u));
  assert_false(uint640_scan("18446744073709551616", &big));
  assert_true(uint0_scan("4294967295", &u) && u == UINT_MAX);
  assert_true(uint0_scan("007", &u) && u == 7);
  assert_true(uint640_scan("18446744073709551615", &big) && big == UINT64_MAX);
  unsigned long l;
  assert_int_equal(ulong_scan("12 more", &l), 2);
  assert_int_equal(l, 12);
  assert_int_equal(ulong_scan("more", &l), 0);
}

static void a_number_is_written_without_a_NUL(void **state)
{
  (void)state;
  char text[UINT64_FMT] = "xxxx";
  assert_int_equal(uint64_fmt(text, 0), 1);
  assert_memory_equal(text, "0xxx", 4);
  assert_int_equal(uint64_fmt(text, UINT64_MAX), 20);
  assert_memory_equal(text, "18446744073709551615", 20);
  assert_int_equal(ulong_fmt(text, 10), 2);
  assert_int_equal(uint_fmt(text, 123), 3);
}

/* The queue's files and the wires hold such bytes. */
static void packed_numbers_begin_with_their_lowest_byte(void **state)
{
  (void)state;
  char packed[8];
  uint16_t a;
  uint32_t b;
  uint64_t c;
  uint16_pack(packed, 0x0102);
  assert_memory_equal(packed, "\2\1", 2);
  uint16_unpack(packed, &a);
  uint32_pack(packed, 0x01020384);
  assert_memory_equal(packed, "\x84\3\2\1", 4);
  uint32_unpack(packed, &b);
  uint64_pack(packed, 0x0102030405060788);
  assert_memory_equal(packed, "\x88\7\6\5\4\3\2\1", 8);
  uint64_unpack(packed, &c);
  assert_true(a == 0x0102 && b == 0x01020384 && c == 0x0102030405060788);
}

static void a_sha256_sum_is_that_of_the_standard(void **state)
{
  (void)state;
  SHA256Schedule schedule;
  char sum[32];
  sha256_init(&schedule);
  sha256_update(&schedule, "a", 1);
  sha256_update(&schedule, "bc", 2);
  sha256_final(&schedule, sum);
  assert_memory_equal(sum, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
                           "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad", 32);
}

static void an_address_is_written_as_the_logs_have_it(void **state)
{
  (void)state;
  static struct { char const bytes[17]; int is6; char const *text; } const cases[] = {
    { "\xcb\0q\x19", 0, "203.0.113.25" },
    { "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x25", 1, "2001:db8::25" },
    { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 1, "::1" },
    { "", 1, "::" },
    { "\xfe\x80\0\0\0\0\0\0\0\1\0\0\0\0\0\0", 1, "fe80::1:0:0:0" },
    { "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\x8", 1, "1:2:3:4:5:6:7:8" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[IP46_FMT + 1];
    ip46 ip;
    if (cases[i].is6) ip46_from_ip6(&ip, cases[i].bytes);
    else ip46_from_ip4(&ip, cases[i].bytes);
    assert_int_equal(!ip46_is6(&ip), !cases[i].is6);
    text[ip46_fmt(text, &ip)] = 0;
    assert_string_equal(text, cases[i].text);
  }
}

/* ---- reading and writing ---- */

static int reader_of(char const *text, size_t len)
{
  int p[2];
  assert_int_equal(pipe(p), 0);
  assert_int_equal(write(p[1], text, len), len);
  close(p[1]);
  return p[0];
}

static void a_line_is_added_with_its_end(void **state)
{
  (void)state;
  char room[16];
  buffer b;
  stralloc line = STRALLOC_ZERO;
  int fd = reader_of("a\n\nlonger than the buffer\nend", 29);
  buffer_init(&b, &buffer_read, fd, room, sizeof room);
  assert_int_equal(skagetln(&b, &line, '\n'), 1);
  assert_int_equal(skagetln(&b, &line, '\n'), 1);
  assert_int_equal(skagetln(&b, &line, '\n'), 1);
  assert_int_equal(line.len, 26);
  assert_memory_equal(line.s, "a\n\nlonger than the buffer\n", 26);
  errno = 0;
  line.len = 0;
  assert_int_equal(skagetln(&b, &line, '\n'), -1);
  assert_int_equal(errno, EPIPE);
  assert_int_equal(line.len, 3);
  assert_int_equal(skagetln(&b, &line, '\n'), 0);
  stralloc_free(&line);
  close(fd);
}

static void a_line_that_is_too_long_is_told(void **state)
{
  (void)state;
  char room[64], line[8];
  size_t got = 0;
  buffer b;
  int fd = reader_of("1234567\n12345678\n", 17);
  buffer_init(&b, &buffer_read, fd, room, sizeof room);
  assert_int_equal(getlnmax(&b, line, sizeof line + 1, &got, '\n'), 1);
  assert_int_equal(got, 8);
  got = 0;
  assert_int_equal(getlnmax(&b, line, sizeof line, &got, '\n'), -1);
  assert_int_equal(errno, ERANGE);
  close(fd);
}

static void a_buffer_shows_what_it_read(void **state)
{
  (void)state;
  char room[8];
  struct iovec v[2];
  buffer b;
  int fd = reader_of("abcdefghij", 10);
  buffer_init(&b, &buffer_read, fd, room, sizeof room);
  assert_int_equal(buffer_fill(&b), 7);
  assert_int_equal(buffer_len(&b), 7);
  buffer_rseek(&b, 5);
  buffer_rpeek(&b, v);
  assert_true(v[0].iov_len + v[1].iov_len == 2 && !memcmp(v[0].iov_base, "fg", 2));
  buffer_rseek(&b, 2);
  assert_int_equal(buffer_fill(&b), 3);
  assert_int_equal(buffer_fill(&b), 0);
  close(fd);
}

static void a_buffer_writes_all_or_tells(void **state)
{
  (void)state;
  char room[8], got[32];
  int p[2];
  buffer b;
  assert_int_equal(pipe(p), 0);
  buffer_init(&b, &buffer_write, p[1], room, sizeof room);
  assert_int_equal(buffer_put(&b, "more than it holds", 18), 18);
  assert_int_equal(buffer_puts(&b, "!"), 1);
  assert_int_equal(buffer_put(&b, "", 0), 0);
  assert_true(buffer_flush(&b));
  assert_int_equal(read(p[0], got, sizeof got), 19);
  assert_memory_equal(got, "more than it holds!", 19);
  close(p[0]);
  assert_int_equal(buffer_put(&b, "x", 1), 1);
  assert_false(buffer_flush(&b));
  assert_int_equal(errno, EPIPE);
  assert_int_equal(buffer_put(&b, "more than it holds", 18), -1);
  close(p[1]);
}

static void all_is_read_up_to_the_end(void **state)
{
  (void)state;
  char got[8];
  int fd = reader_of("abc", 3);
  assert_int_equal(allread(fd, got, sizeof got), 3);
  assert_int_equal(allread(fd, got, sizeof got), 0);
  assert_int_equal(allread(fd, got, 0), 0);
  close(fd);
  int full = open("/dev/full", O_WRONLY);
  assert_int_equal(allwrite(full, "abc", 3), 0);
  assert_int_equal(errno, ENOSPC);
  assert_int_equal(allwrite(full, "", 0), 0);
  close(full);
}

static int flags_of(int fd)
{
  return (fcntl(fd, F_GETFD) & FD_CLOEXEC ? 1 : 0) + (fcntl(fd, F_GETFL) & O_NONBLOCK ? 2 : 0);
}

static void what_is_opened_is_closed_at_exec(void **state)
{
  (void)state;
  int p[2];
  int fd = openc_read("/dev/null");
  assert_int_equal(flags_of(fd), 3);
  close(fd);
  fd = openbc_read("/dev/null");
  assert_int_equal(flags_of(fd), 1);
  close(fd);
  assert_int_equal(pipecoe(p), 0);
  assert_true(flags_of(p[0]) == 1 && flags_of(p[1]) == 1);
  assert_int_equal(ndelay_on(p[0]), 0);
  assert_int_equal(flags_of(p[0]), 3);
  assert_int_equal(fd_move(p[1], p[0]), 0);
  assert_int_equal(flags_of(p[1]), 2);
  assert_int_equal(fcntl(p[0], F_GETFD), -1);
  errno = ENOSPC;
  fd_close(p[1]);
  assert_int_equal(errno, ENOSPC);
}

static void a_whole_file_is_added(void **state)
{
  (void)state;
  char name[] = "/tmp/foundation.XXXXXX";
  stralloc text = STRALLOC_ZERO;
  int fd = mkstemp(name);
  assert_true(openslurpclose(&text, name));
  assert_int_equal(text.len, 0);
  assert_int_equal(write(fd, "abc", 3), 3);
  assert_true(openslurpclose(&text, name) && openslurpclose(&text, name));
  assert_int_equal(text.len, 6);
  assert_memory_equal(text.s, "abcabc", 6);
  close(fd);
  unlink(name);
  assert_false(openslurpclose(&text, name));
  assert_int_equal(errno, ENOENT);
  assert_int_equal(text.len, 6);
  assert_false(openslurpclose(&text, "/tmp"));
  stralloc_free(&text);
}

/* ---- waiting ---- */

static void time_goes_on_from_the_start_of_the_stopwatch(void **state)
{
  (void)state;
  tain before, deadline;
  assert_true(tain_now_set_stopwatch_g());
  before = STAMP;
  tain_addsec_g(&deadline, 1);
  usleep(2000);
  assert_true(tain_now_g());
  assert_true(tain_less(&before, &STAMP) && tain_less(&STAMP, &deadline));
}

static void waiting_ends_at_an_event_or_at_the_deadline(void **state)
{
  (void)state;
  int p[2];
  tain end;
  assert_int_equal(pipe(p), 0);
  iopause_fd x[3] = { { .fd = p[0], .events = IOPAUSE_READ }, { .fd = -1, .events = IOPAUSE_READ }, { .fd = p[1], .events = 0 } };
  tain_now_g();
  end = STAMP;
  assert_int_equal(iopause_g(x, 3, &end), 0);
  tain_addsec_g(&end, 60);
  assert_int_equal(write(p[1], "x", 1), 1);
  assert_int_equal(iopause_g(x, 3, &end), 1);
  assert_true(x[0].revents & IOPAUSE_READ && !x[1].revents && !x[2].revents);
  char c;
  assert_int_equal(read(p[0], &c, 1), 1);
  close(p[1]);
  x[2].fd = -1;
  assert_int_equal(iopause_g(x, 3, &end), 1);
  assert_true(x[0].revents & (IOPAUSE_READ | IOPAUSE_EXCEPT));
  close(p[0]);
}

static void a_line_in_pieces_is_waited_for(void **state)
{
  (void)state;
  char room[64], line[16];
  size_t got = 0;
  int p[2];
  buffer b;
  tain end;
  assert_int_equal(pipe(p), 0);
  ndelay_on(p[0]);
  buffer_init(&b, &buffer_read, p[0], room, sizeof room);
  assert_int_equal(write(p[1], "ab", 2), 2);
  tain_now_g();
  end = STAMP;
  assert_int_equal(timed_getlnmax_g(&b, line, sizeof line, &got, '\n', &end), -1);
  assert_int_equal(errno, ETIMEDOUT);
  assert_int_equal(write(p[1], "c\nd", 3), 3);
  tain_addsec_g(&end, 60);
  assert_int_equal(timed_getlnmax_g(&b, line, sizeof line, &got, '\n', &end), 1);
  assert_int_equal(got, 4);
  assert_memory_equal(line, "abc\n", 4);
  close(p[0]);
  close(p[1]);
}

static void signals_become_events(void **state)
{
  (void)state;
  tain end;
  iopause_fd x = { .fd = selfpipe_init(), .events = IOPAUSE_READ };
  assert_int_not_equal(x.fd, -1);
  assert_int_equal(flags_of(x.fd) & 1, 1);
  assert_true(selfpipe_trap(SIGTERM) >= 0 && selfpipe_trap(SIGHUP) >= 0);
  assert_int_equal(selfpipe_read(), 0);
  raise(SIGTERM);
  raise(SIGHUP);
  tain_now_g();
  tain_addsec_g(&end, 60);
  assert_int_equal(iopause_g(&x, 1, &end), 1);
  int sum = 0;
  for (int s; (s = selfpipe_read()) > 0;) sum += s;
  assert_int_equal(sum, SIGTERM + SIGHUP);
  selfpipe_finish();
  sigset_t left;
  sigprocmask(SIG_BLOCK, 0, &left);
  assert_true(!sigismember(&left, SIGTERM) && !sigismember(&left, SIGHUP));
}

static void an_ignored_pipe_is_told_by_write(void **state)
{
  (void)state;
  struct sigaction now;
  assert_true(sig_altignore(SIGPIPE) >= 0);
  sigaction(SIGPIPE, 0, &now);
  /* A handler that does nothing: a program that is started does not inherit it. */
  assert_true(now.sa_handler != SIG_IGN && now.sa_handler != SIG_DFL);
  assert_true(sig_ignore(SIGPIPE) >= 0);
  sigaction(SIGPIPE, 0, &now);
  assert_true(now.sa_handler == SIG_IGN);
  assert_true(sig_restore(SIGPIPE) >= 0);
  sigaction(SIGPIPE, 0, &now);
  assert_true(now.sa_handler == SIG_DFL);
  sig_altignore(SIGPIPE);
}

/* ---- programs ---- */

static int status_of(pid_t pid)
{
  int wstat;
  assert_int_equal(wait_pid(pid, &wstat), pid);
  return wait_status(wstat);
}

static void a_program_is_fed_by_a_pipe(void **state)
{
  (void)state;
  int fd;
  char const *const good[] = { "sh", "-c", "read x; exit $x", 0 }, *const none[] = { "/no/such/program", 0 };
  pid_t pid = child_spawn1_pipe(good[0], good, (char const *const *)environ, &fd, 0);
  assert_true(pid > 0);
  assert_int_equal(write(fd, "7\n", 2), 2);
  close(fd);
  assert_int_equal(status_of(pid), 7);
  errno = 0;
  assert_int_equal(child_spawn1_pipe(none[0], none, (char const *const *)environ, &fd, 0), 0);
  assert_int_equal(errno, ENOENT);
}

static void how_a_program_ended_is_one_number(void **state)
{
  (void)state;
  pid_t pid = fork();
  if (!pid) raise(SIGKILL);
  assert_true(status_of(pid) > 255);
  pid = fork();
  if (!pid) _exit(111);
  assert_int_equal(status_of(pid), 111);
  int wstat;
  assert_int_equal(wait_nohang(&wstat), -1);
}

/* What a child says on descriptor 2 and how it ends. */
static void says(void (*child)(void), char const *text, int code)
{
  char got[256];
  int p[2];
  assert_int_equal(pipe(p), 0);
  pid_t pid = fork();
  if (!pid) {
    dup2(p[1], 2);
    PROG = "prog";
    child();
    _exit(0);
  }
  close(p[1]);
  size_t len = allread(p[0], got, sizeof got - 1);
  got[len] = 0;
  close(p[0]);
  assert_string_equal(got, text);
  assert_int_equal(status_of(pid), code);
}

static void dies_of_the_system(void)
{
  errno = ENOENT;
  strerr_diefusys(111, "open ", "x");
}

static void dies(void)
{
  strerr_dief(100, "a ", (char const *)0, "b");
}

static void dies_of_its_caller(void)
{
  strerr_dieusage(100, "prog [-x]");
}

static void warns(void)
{
  errno = ENOSPC;
  strerr_warnwusys("write ", "y");
  strerr_warnw("z");
  strerr_warni("up");
  strerr_warn("as it is");
}

static void messages_have_their_form(void **state)
{
  (void)state;
  says(dies_of_the_system, "prog: fatal: unable to open x: No such file or directory\n", 111);
  says(dies, "prog: fatal: a b\n", 100);
  says(dies_of_its_caller, "prog: usage: prog [-x]\n", 100);
  says(warns, "prog: warning: unable to write y: No space left on device\nprog: warning: z\nprog: info: up\nas it is\n", 0);
}

static void options_end_at_the_first_argument(void **state)
{
  (void)state;
  char const *const argv[] = { "prog", "-vt5", "-t", "", "-?", "--", "-v", 0 };
  char const expected[] = { 'v', 't', 't', '?', -1 };
  subgetopt l = SUBGETOPT_ZERO;
  for (size_t i = 0; i < sizeof expected; i++) {
    int o = subgetopt_r(7, argv, "vt:", &l);
    assert_int_equal(o, expected[i]);
    if (i == 1) assert_string_equal(l.arg, "5");
    if (i == 2) assert_string_equal(l.arg, "");
  }
  assert_int_equal(l.ind, 6);
}

/* ---- libcdb ---- */

static int cdb_of_three(void)
{
  char name[] = "/tmp/foundation.XXXXXX";
  struct cdb_make cdb;
  int fd = mkstemp(name);
  unlink(name);
  assert_int_equal(cdb_make_start(&cdb, fd), 0);
  assert_int_equal(cdb_make_add(&cdb, "key", 3, "first", 5), 0);
  assert_int_equal(cdb_make_add(&cdb, "key", 3, "second", 6), 0);
  assert_int_equal(cdb_make_add(&cdb, "", 0, "", 0), 0);
  assert_int_equal(cdb_make_finish(&cdb), 0);
  assert_int_equal(fcntl(fd, F_GETFD) >= 0, 1);
  return fd;
}

static void a_cdb_tells_what_it_was_told(void **state)
{
  (void)state;
  char got[8] = "";
  unsigned len = 99;
  int fd = cdb_of_three();
  assert_int_equal(cdb_seek(fd, "key", 3, &len), 1);
  assert_int_equal(len, 5);
  assert_int_equal(cdb_bread(fd, got, 5), 0);
  assert_string_equal(got, "first");
  assert_int_equal(cdb_seek(fd, "", 0, &len), 1);
  assert_int_equal(len, 0);
  assert_int_equal(cdb_bread(fd, got, 0), 0);
  assert_int_equal(cdb_seek(fd, "other", 5, &len), 0);
  struct cdb mapped;
  assert_int_equal(cdb_init(&mapped, fd), 0);
  assert_true(cdb_find(&mapped, "key", 3) > 0);
  assert_int_equal(cdb_find(&mapped, "other", 5), 0);
  cdb_free(&mapped);
  close(fd);
}

static void what_is_no_cdb_is_told(void **state)
{
  (void)state;
  char name[] = "/tmp/foundation.XXXXXX", rubbish[4096];
  unsigned len;
  struct cdb mapped;
  int fd = mkstemp(name);
  unlink(name);
  assert_int_equal(cdb_init(&mapped, fd), -1);
  assert_int_equal(cdb_seek(fd, "key", 3, &len), -1);
  memset(rubbish, 'x', sizeof rubbish);
  assert_int_equal(write(fd, rubbish, sizeof rubbish), sizeof rubbish);
  assert_int_equal(cdb_seek(fd, "key", 3, &len), -1);
  assert_int_equal(cdb_init(&mapped, fd), 0);
  assert_int_equal(cdb_find(&mapped, "key", 3), -1);
  cdb_free(&mapped);
  close(fd);
}

/* ---- c-ares ---- */

/* Answers to a question for x.y; 0xc00c is that name. */
#define HEAD(answers) "\0\1\x81\x80\0\1\0" answers "\0\0\0\0" "\1x\1y\0"
#define ANSWER(type, len) "\xc0\x0c" type "\0\1\0\0\0\x3c\0" len
#define PACKET(p) (unsigned char const *)(p), sizeof(p) - 1
#define A "\0\1"
#define AAAA "\0\x1c"
#define MX "\0\x0f"
#define PTR "\0\x0c"
#define IN "\0\1"

static void addresses_are_found_in_an_answer(void **state)
{
  (void)state;
  struct ares_addrttl four[2];
  struct ares_addr6ttl six[2];
  int n = 2;
  assert_int_equal(ares_parse_a_reply(PACKET(HEAD("\3") A IN ANSWER(A, "\4") "\1\2\3\4" ANSWER(A, "\4") "\1\2\3\5"
                                             ANSWER(A, "\4") "\1\2\3\6"), 0, four, &n), ARES_SUCCESS);
  assert_int_equal(n, 2);
  assert_memory_equal(&four[1].ipaddr, "\1\2\3\5", 4);
  n = 2;
  assert_int_equal(ares_parse_aaaa_reply(PACKET(HEAD("\1") AAAA IN ANSWER(AAAA, "\x10") "0123456789abcdef"), 0, six, &n),
                   ARES_SUCCESS);
  assert_int_equal(n, 1);
  assert_memory_equal(&six[0].ip6addr, "0123456789abcdef", 16);
  /* Whether an answer without an address is a success that found none is left open, and we leave it open. */
  n = 2;
  int r = ares_parse_a_reply(PACKET(HEAD("\0") A IN), 0, four, &n);
  assert_true(r == ARES_ENODATA || (r == ARES_SUCCESS && n == 0));
  n = 2;
  assert_int_equal(ares_parse_a_reply(PACKET(HEAD("\1") A IN ANSWER(A, "\4") "\1\2"), 0, four, &n), ARES_EBADRESP);
}

static void hosts_are_found_in_an_answer(void **state)
{
  (void)state;
  struct ares_mx_reply *mx = 0;
  assert_int_equal(ares_parse_mx_reply(PACKET(HEAD("\2") MX IN ANSWER(MX, "\5") "\1\2\1m\0"
                                              ANSWER(MX, "\6") "\0\7\1n\xc0\x0c"), &mx), ARES_SUCCESS);
  assert_true(mx && mx->next && !mx->next->next);
  assert_int_equal(mx->priority, 258);
  assert_string_equal(mx->host, "m");
  assert_string_equal(mx->next->host, "n.x.y");
  ares_free_data(mx);
  /* A root name, the null MX of RFC 7505, is empty. */
  mx = 0;
  assert_int_equal(ares_parse_mx_reply(PACKET(HEAD("\1") MX IN ANSWER(MX, "\3") "\0\0\0"), &mx), ARES_SUCCESS);
  assert_true(mx && !mx->next);
  assert_string_equal(mx->host, "");
  ares_free_data(mx);
  mx = 0;
  assert_int_equal(ares_parse_mx_reply(PACKET(HEAD("\1") MX IN ANSWER(MX, "\5") "\0\1\1m"), &mx), ARES_EBADRESP);
  assert_null(mx);
}

static void a_name_is_found_in_an_answer(void **state)
{
  (void)state;
  struct hostent *host = 0;
  assert_int_equal(ares_parse_ptr_reply(PACKET(HEAD("\1") PTR IN ANSWER(PTR, "\5") "\1N\1m\0"), "\1\2\3\4", 4, AF_INET, &host),
                   ARES_SUCCESS);
  assert_string_equal(host->h_name, "N.m");
  ares_free_hostent(host);
  host = 0;
  assert_int_not_equal(ares_parse_ptr_reply(PACKET(HEAD("\0") PTR IN), "\1\2\3\4", 4, AF_INET, &host), ARES_SUCCESS);
  assert_null(host);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(stralloc_gives_memory_and_leaves_the_rest_alone),
    cmocka_unit_test(a_genalloc_is_an_array),
    cmocka_unit_test(what_is_not_found_is_at_the_end),
    cmocka_unit_test(lower_case_is_that_of_ASCII),
    cmocka_unit_test(a_number_is_all_of_the_text_and_fits),
    cmocka_unit_test(a_number_is_written_without_a_NUL),
    cmocka_unit_test(packed_numbers_begin_with_their_lowest_byte),
    cmocka_unit_test(a_sha256_sum_is_that_of_the_standard),
    cmocka_unit_test(an_address_is_written_as_the_logs_have_it),
    cmocka_unit_test(a_line_is_added_with_its_end),
    cmocka_unit_test(a_line_that_is_too_long_is_told),
    cmocka_unit_test(a_buffer_shows_what_it_read),
    cmocka_unit_test(an_ignored_pipe_is_told_by_write),
    cmocka_unit_test(a_buffer_writes_all_or_tells),
    cmocka_unit_test(all_is_read_up_to_the_end),
    cmocka_unit_test(what_is_opened_is_closed_at_exec),
    cmocka_unit_test(a_whole_file_is_added),
    cmocka_unit_test(time_goes_on_from_the_start_of_the_stopwatch),
    cmocka_unit_test(waiting_ends_at_an_event_or_at_the_deadline),
    cmocka_unit_test(a_line_in_pieces_is_waited_for),
    cmocka_unit_test(signals_become_events),
    cmocka_unit_test(a_program_is_fed_by_a_pipe),
    cmocka_unit_test(how_a_program_ended_is_one_number),
    cmocka_unit_test(messages_have_their_form),
    cmocka_unit_test(options_end_at_the_first_argument),
    cmocka_unit_test(a_cdb_tells_what_it_was_told),
    cmocka_unit_test(what_is_no_cdb_is_told),
    cmocka_unit_test(addresses_are_found_in_an_answer),
    cmocka_unit_test(hosts_are_found_in_an_answer),
    cmocka_unit_test(a_name_is_found_in_an_answer),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
