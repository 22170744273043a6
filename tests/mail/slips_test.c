/* Lines of a .qmail file that cannot be meant, and those near to them that can. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "slips.h"
#include "queue_message.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static char const *slip(char const *line, size_t len)
{
  struct instruction in;
  size_t at = 0;
  assert_true(instruction_next(&in, line, len, &at));
  return slip_of(&in);
}

static char const
  CR[] = "it ends with a carriage return; lines end with LF alone",
  MARK[] = "it begins with a byte order mark",
  COMMAND[] = "there is no command behind the |",
  COMMENT[] = "a comment needs a line of its own",
  EMPTY[] = "there is no address behind the &",
  BLANK[] = "a blank stands in front of it",
  QUOTE[] = "it begins with a quote; addresses, paths and commands stand without",
  BRACKETS[] = "an address stands without name and angle brackets",
  PATH[] = "a path begins with ./ or /",
  SEVERAL[] = "one address to a line, and no comment behind it",
  HOST[] = "no host is behind the @",
  NAME[] = "it is no address",
  CONTROL[] = "it holds a control character";

static struct { char const *line, *what; } const slips[] = {
  { "\r", CR }, { "./Maildir/\r", CR }, { "./Maildir/\r  ", CR }, { "&a@b\r", CR }, { "|cat\r", CR }, { "+list\r", CR },
  { "\xef\xbb\xbf./Maildir/", MARK }, { "\xef\xbb\xbf&a@b", MARK }, { "\xef\xbb\xbf# x", MARK }, { "\xef\xbb\xbf", MARK },
  { "|", COMMAND }, { "|  ", COMMAND }, { "|\t# x", COMMAND }, { "|#cat", COMMAND },
  { "./Maildir/ # mine", COMMENT }, { "./Mailbox\t#", COMMENT }, { "./a #/", COMMENT },
  { "&", EMPTY }, { "&  ", EMPTY },
  { "& a@b", BLANK }, { " ./Maildir/", BLANK }, { "\ta@b", BLANK }, { "\xc2\xa0./Maildir/", BLANK }, { " |cat", BLANK },
  { "\"./Maildir/\"", QUOTE }, { "'./Maildir/'", QUOTE }, { "\"|/usr/bin/procmail\"", QUOTE }, { "\\joe", QUOTE },
  { "&\"joe smith\"@h", QUOTE }, { "`pwd`/Maildir/", QUOTE },
  { "&<a@b>", BRACKETS }, { "Joe <a@b>", BRACKETS }, { "<a@b>", BRACKETS }, { "&a@b>", BRACKETS }, { ">a@b", BRACKETS },
  { "Maildir/", PATH }, { "~/Maildir/", PATH }, { "Mail/inbox", PATH }, { "$HOME/Maildir/", PATH }, { "&./Maildir/", PATH },
  { "&/var/mail/joe", PATH }, { "&Maildir/", PATH }, { "~", PATH }, { ":include:/etc/list", PATH },
  { "a@x, b@x", SEVERAL }, { "&a@x,b@x", SEVERAL }, { "a@x b@x", SEVERAL }, { "&a@b # me", SEVERAL }, { "joe bob", SEVERAL },
  { "joe, bob", SEVERAL }, { "&joe,bob@x", SEVERAL }, { "&(joe) a@b", SEVERAL }, { "&a@b (x)", SEVERAL }, { "a@x; b@x", SEVERAL },
  { "&joe # me", SEVERAL },
  { "joe@", HOST }, { "&@", HOST }, { "a@b;", HOST }, { "a@b(x)", HOST }, { "a@b/", HOST }, { "a@b:", HOST }, { "a@[", HOST },
  { "a@[1.2.3.4", HOST }, { "a@b\"", HOST },
  { "joe;", NAME }, { "joe(x)", NAME },
  { "a\001b@c", CONTROL }, { "&a\r@c", CONTROL }, { "\177", CONTROL },
};

static char const *const meant[] = {
  "", "#", "# x\r", "#./Maildir/ # x", "+list", "+other # x", "./Maildir/", "/home/joe/Maildir/", "./My Mail/", "./Mail#box", "/dev/null",
  ".", "./a,b", "|cat # x", "| cat", "|exit 99", "|\"$HOME/bin/x\"", "&joe", "joe", "&joe-list", "Joe.Smith", "a@b", "&a@b", "&a@b.",
  "&a@x@y", "&a%x@y", "&Joe Smith@notes.example", "&/G=Joe/S=Smith/@gate.example", "&/DDA:RFC-822=joe(a)host/@gate.example",
  "Joe/Org@gate.example", "&joe@[192.0.2.1]", "&joe@[IPv6:2001:db8::1]", "&a+b=c@d_e.example", "&\xc3\xa4@\xc3\xb6.example", "&joe/x",
  "&#x", "&|x", "&@b", "&-x@y", "&!#$%^*{}~?@b",
};

static void slips_are_seen(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(slips); i++) {
    char const *what = slip(slips[i].line, strlen(slips[i].line));
    if (!what || strcmp(what, slips[i].what) != 0) fail_msg("'%s': %s", slips[i].line, what ? what : "nothing");
  }
}

static void what_can_be_meant_is_left_alone(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(meant); i++) {
    char line[200];
    char const *what = slip(line, (size_t)snprintf(line, sizeof line, "%s\n", meant[i]));
    if (what) fail_msg("'%s': %s", meant[i], what);
  }
}

static void an_address_has_an_end(void **state)
{
  (void)state;
  static char line[QUEUE_ADDRESS_MAX + 3];
  memset(line, 'a', sizeof line);
  line[0] = '&';
  assert_null(slip(line, QUEUE_ADDRESS_MAX + 1));
  assert_string_equal(slip(line, QUEUE_ADDRESS_MAX + 2), "the address is too long");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(slips_are_seen),
    cmocka_unit_test(what_can_be_meant_is_left_alone),
    cmocka_unit_test(an_address_has_an_end)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
