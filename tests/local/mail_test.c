/* The texts that follow from an address: lines, parts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "local_environment.h"
#include "local_mail.h"
#include "text.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static struct { char const *host; char const *without[3]; } const hosts[] = {
  { "", { "", "", "" } },
  { "com", { "com", "com", "com" } },
  { "a.b.c.d.e", { "a.b.c.d", "a.b.c", "a.b" } },
  { "a.b", { "a", "a", "a" } },
  { "a.", { "a", "a", "a" } },
  { ".", { "", "", "" } },
};

static void hosts_without_labels(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(hosts); i++)
    for (int n = 1; n <= 3; n++) {
      size_t len = local_mail_host_without(hosts[i].host, n);
      assert_int_equal(len, strlen(hosts[i].without[n - 1]));
      assert_memory_equal(hosts[i].host, hosts[i].without[n - 1], len);
    }
}

static struct { char const *ext; char const *behind[3]; } const exts[] = {
  { "", { "", "", "" } },
  { "a", { "", "", "" } },
  { "a-b-c-d-e", { "b-c-d-e", "c-d-e", "d-e" } },
  { "a-", { "", "", "" } },
  { "--", { "-", "", "" } },
  { "-a", { "a", "", "" } },
};

static void exts_behind_hyphens(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(exts); i++)
    for (int n = 1; n <= 3; n++) assert_string_equal(local_mail_ext_behind(exts[i].ext, n), exts[i].behind[n - 1]);
}

static struct { char const *local, *host, *sender, *delivered_to, *return_path, *from_line; } const mails[] = {
  { "joe", "h.org", "a@b", "Delivered-To: joe@h.org\n", "Return-Path: <a@b>\n", "From a@b Thu Jan 01 00:00:00 1970\n" },
  { "joe", "h", "", "Delivered-To: joe@h\n", "Return-Path: <>\n", "From MAILER-DAEMON Thu Jan 01 00:00:00 1970\n" },
  { "a\nb", "h\n", "x\ny z\t@d", "Delivered-To: a_b@h_\n", "Return-Path: <\"x\\_y z\t\"@d>\n",
    "From x-y-z-@d Thu Jan 01 00:00:00 1970\n" },
  { "a\rb", "h\r", "x\r\ny@d", "Delivered-To: a_b@h_\n", "Return-Path: <\"x\\_\\_y\"@d>\n",
    "From x--y@d Thu Jan 01 00:00:00 1970\n" },
  { "a b", "h", "#@[]", "Delivered-To: a b@h\n", "Return-Path: <#@[]>\n", "From #@[] Thu Jan 01 00:00:00 1970\n" },
};

static void lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(mails); i++) {
    struct local_mail m = { .local = mails[i].local, .host = mails[i].host, .sender = mails[i].sender };
    local_mail_lines(&m, 0);
    assert_string_equal(m.delivered_to.s, mails[i].delivered_to);
    assert_string_equal(m.return_path.s, mails[i].return_path);
    assert_string_equal(m.from_line.s, mails[i].from_line);
  }
}

static struct { char const *sender; int owner, owner_default; char const *expected; } const senders[] = {
  { "", 1, 1, "" },
  { "#@[]", 1, 1, "#@[]" },
  { "s@t", 0, 0, "s@t" },
  { "s@t", 1, 0, "joe-list-owner@h" },
  { "s@t", 1, 1, "joe-list-owner-@h-@[]" },
};

static void senders_of_forwards(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(senders); i++) {
    struct local_mail m = { .local = "joe-list", .host = "h", .sender = senders[i].sender };
    local_mail_new_sender(&m, senders[i].owner, senders[i].owner_default);
    assert_string_equal(m.new_sender.s, senders[i].expected);
  }
}

static char const *variable(stralloc const *environment, char const *name)
{
  size_t len = strlen(name);
  for (size_t i = 0; i < environment->len; i += strlen(environment->s + i) + 1)
    if (!strncmp(environment->s + i, name, len) && environment->s[i + len] == '=') return environment->s + i + len + 1;
  return 0;
}

static void values_that_look_like_functions_are_emptied(void **state)
{
  (void)state;
  stralloc environment = STRALLOC_ZERO;
  struct local_mail m = {
    .user = "joe", .home = "/h", .local = "() { :;}; x", .dash = "-", .ext = "a-() { :;}; x", .host = "() {h.x",
    .sender = "() { :;}; touch /tmp/x@h", .default_part = "() {"
  };
  local_mail_lines(&m, 0);
  local_mail_new_sender(&m, 0, 0);
  local_environment(&environment, &m);
  static char const *const emptied[] = {
    "SENDER", "NEWSENDER", "LOCAL", "HOST", "HOST2", "RECIPIENT", "EXT2", "DEFAULT"
  };
  for (size_t i = 0; i < COUNT(emptied); i++) assert_string_equal(variable(&environment, emptied[i]), "");
  assert_string_equal(variable(&environment, "EXT"), m.ext);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(hosts_without_labels),
    cmocka_unit_test(exts_behind_hyphens),
    cmocka_unit_test(lines),
    cmocka_unit_test(senders_of_forwards),
    cmocka_unit_test(values_that_look_like_functions_are_emptied)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
