#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control_judge.h"

static void lines(void **state)
{
  (void)state;
  static struct { judge *judge; char const *line, *why; } const cases[] = {
    { judge_full_name, "mail", "full host name" }, { judge_full_name, "mail.example.org", 0 },
    { judge_host, "mail", 0 }, { judge_host, "[192.0.2.1]", 0 }, { judge_host, "[192.0.2.999]", "not a host name" },
    { judge_host, "[IPv6:2001:db8::1]", 0 }, { judge_host, "a b", "not a host name" }, 
    { judge_host, "b\xc3\xbc" "cher.example", "as DNS has it, xn--bcher-kva.example" },
    { judge_domain, "b\xc3\xbc" "cher.example", "as DNS has it" }, { judge_domain, "b\xfc.example", "no domain can" },
    { judge_pattern, ".b\xc3\xbc" "cher.example", "as DNS has it, xn--bcher-kva.example" },
    { judge_sender, "\xc3\xbc@b.example", 0 }, { judge_sender, "@b\xc3\xbc" "cher.example", "as DNS has it" },
    { judge_virtual, "\xc3\xbc@b.example:joe", 0 }, { judge_virtual, "joe@b\xc3\xbc" "cher.example:joe", "as DNS has it" },
    { judge_moved, "joe@b\xc3\xbc.example:a@b", "as DNS has it" },
    { judge_domain, ".example.org", "no dot in front" }, { judge_domain, "*.example.org", "no star" },
    { judge_domain, "joe@example.org", "an address matches nothing" }, { judge_domain, "a.b # mine", "a blank belongs" },
    { judge_domain, "[10.1.2.219]", 0 }, { judge_domain, "localhost", 0 }, { judge_domain, "a..b", "not a domain" },
    { judge_pattern, ".example.org", 0 }, { judge_pattern, "example.org", 0 }, { judge_pattern, ".", "no dot in front" },
    { judge_pattern, "..org", "no dot in front" },
    { judge_sender, "example.org", "without @" }, { judge_sender, "@example.org", 0 }, { judge_sender, "joe@", "nothing behind" },
    { judge_sender, "a@b@c", 0 },
    { judge_local_part, "", "empty" }, { judge_local_part, "joe@b", "before the @" }, { judge_local_part, "postmaster", 0 },
    { judge_count, "a.example:1", 0 }, { judge_count, ".a.example:99", 0 }, { judge_count, ":100", 0 },
    { judge_count, "a.example", "no colon" }, { judge_count, "a.example:", "1 to 100" }, { judge_count, ":0", "1 to 100" },
    { judge_count, ":101", "1 to 100" }, { judge_count, ":1x", "1 to 100" }, { judge_count, "a@b:1", "domains only" },
    { judge_backend, "cdb", 0 }, { judge_backend, "sqlite", 0 }, { judge_backend, ":sqlite", 0 }, { judge_backend, "a.example:sqlite", 0 },
    { judge_backend, "oracle", "no store" }, { judge_backend, "a.example:", "no store" }, { judge_backend, "a@b:cdb", "a domain stands" },
    { judge_mailbox, "", 0 }, { judge_mailbox, "joe@b", "before the @" }, { judge_mailbox, "joe", 0 },
    { judge_long_lines, "fold", 0 }, { judge_long_lines, "return", 0 }, { judge_long_lines, "send", 0 },
    { judge_unwanted, "a@b", 0 }, { judge_unwanted, "!a@b", 0 }, { judge_unwanted, ".b.example", 0 }, { judge_unwanted, "*x?@*", 0 },
    { judge_unwanted, "b.example", "without @" }, { judge_unwanted, "!", "nothing behind" }, { judge_unwanted, ".*@b", "no regular" },
    { judge_unwanted, "^a@b$", "no regular" }, { judge_unwanted, "a b@c", "a blank" }, { judge_unwanted_host, "friend", 0 },
    { judge_unwanted_host, ".b.example", 0 }, { judge_unwanted_host, "*-*.b", 0 }, { judge_unwanted_host, "a@b", "not a host" },
    { judge_generic, "joe:joe.smith@a.example", 0 }, { judge_generic, "joe@b:c@d", 0 }, { judge_generic, "@b.example:@a.example", 0 },
    { judge_generic, "joe", "not user:" }, { judge_generic, "joe:c", "no address" }, { judge_generic, "joe:c@", "nothing behind" },
    { judge_generic, "joe: c@d", "a blank" }, { judge_generic, "joe@b\xc3\xbc.example:c@d", "as DNS has it" },
    { judge_moved, "a@b:c@d", 0 }, { judge_moved, "a:c@d", "not user@host" }, { judge_moved, "a@b:", "nothing behind" },
    { judge_eight_bit, "convert", 0 }, { judge_eight_bit, "return", 0 }, { judge_eight_bit, "send", 0 },
    { judge_eight_bit, "fold", "convert, return" },
    { judge_long_lines, "", "fold, return" }, { judge_long_lines, "Fold", "fold, return" }, { judge_long_lines, "folds", "fold," },
    { judge_breaks, "", 0 }, { judge_breaks, "-", 0 }, { judge_breaks, "-+_", 0 }, { judge_breaks, "- +", "signs" },
    { judge_breaks, "-x", "signs" }, { judge_breaks, "@", "signs" }, { judge_breaks, ":", "signs" },
    { judge_patrn, "002", 0 }, { judge_patrn, "022", 0 }, { judge_patrn, "0022", 0 }, { judge_patrn, "000", 0 },
    { judge_patrn, "2", "no octal" }, { judge_patrn, "008", "no octal" }, { judge_patrn, "o-w", "no octal" },
    { judge_patrn, "1002", "no octal" }, { judge_patrn, "00022", "no octal" }, { judge_patrn, "077", "only 020 and 002" },
    { judge_virtual, "example.org", "no colon" }, { judge_virtual, "example.org:joe", 0 }, { judge_virtual, ":joe", 0 },
    { judge_virtual, "example.org:", 0 }, { judge_virtual, ".example.org:joe", 0 }, { judge_virtual, "a@example.org:joe", 0 },
    { judge_virtual, "a@example.org:joe@b", "a user of this host" }, { judge_virtual, "a@example.org:joe-shop", 0 },
    { judge_virtual, ":joe #", "no comments" }, { judge_virtual, ".a.b:~joe", "file delivers" }, { judge_virtual, "a.b:.", "file delivers" },
    { judge_helo, "mail", "without a dot" }, { judge_helo, "mail.example.org", 0 }, { judge_helo, "[192.0.2.1]", 0 },
    { judge_helo, "[IPv6:2001:db8::1]", 0 }, { judge_helo, "a..b", "not a host name" },
    { judge_virtual, "a@:joe", "no domain" }, { judge_virtual, " example.org:joe", "a blank belongs" },
    { judge_route, "relay.example", "no colon" }, { judge_route, ":relay.example", 0 }, { judge_route, "a.b:", 0 },
    { judge_route, "a.b:relay.example:26", 0 }, { judge_route, "a.b:[2001:db8::1]:26", 0 }, { judge_route, "a.b:192.0.2.1", 0 },
    { judge_route, "a.b:2001:db8::1", "no port" }, { judge_route, "a.b:relay:x", "no port" }, { judge_route, "a.b:relay:0", "no port" },
    { judge_route, "a.b:relay:65535", 0 }, { judge_route, "a.b:relay:65536", "no port" }, { judge_route, "a.b:relay:", "no port" },
    { judge_route, "a.b::26", "the relay is neither" }, { judge_route, "a.b: relay", "the relay is neither" },
    { judge_route, "a.b:relay:26:tls", 0 }, { judge_route, "a.b:relay:tls", "no port" }, { judge_route, "a.b:relay:26:ssl", "no port" },
    { judge_route, "a.b:relay:26 joe secret", "smtpauth, not here" }, { judge_route, "a.b:relay;26|joe|secret", "smtpauth, not here" },
    { judge_tls, "a.b:none", 0 }, { judge_tls, ".b:may", 0 }, { judge_tls, ":Encrypt", 0 }, { judge_tls, "a.b:verify", 0 },
    { judge_tls, "a.b:published", 0 }, { judge_tls, "a.b:dane", 0 }, { judge_tls, "a.b:dane mx.a.b", "only behind verify" },
    { judge_tls, "a.b:verify mx.a.b .c.d", 0 }, { judge_tls, "a.b:verify 1 2 3 4 5 6 7 8 9", "more than eight" },
    { judge_tls, "a.b:verify a@b", "names of hosts" }, { judge_tls, "a.b:must", "mail waits" }, { judge_tls, "a.b:", "mail waits" },
    { judge_tls, "a.b:may mx.a.b", "only behind verify" }, { judge_tls, "a.b", "no colon" }, { judge_tls, "a@b:may", "an address matches" },
    { judge_login, "relay.example:joe:password:a:b", 0 }, { judge_login, "relay.example:joe:token:/etc/token", 0 },
    { judge_login, "192.0.2.1:joe:password:x", 0 }, { judge_login, "relay.example:joe:secret", "not relay:user" },
    { judge_login, "relay.example:joe:passwd:x", "neither password nor token" }, { judge_login, "relay.example:joe:password:", "not relay:user" },
    { judge_login, "relay.example:joe:token:token", "no path from the root" }, { judge_login, "re lay:joe:password:x", "neither a host name" },
    { judge_route, "a@b:relay", "an address matches nothing" }, { judge_route, "a.b:[192.0.2.1", "the relay is neither" },
    { judge_address, "192.0.2.1", 0 }, { judge_address, "2001:db8::1", 0 }, { judge_address, "relay", "not an IP" },
    { judge_address, "192.0.2.1x", "not an IP" },
    { judge_delivery, "./Maildir/", 0 }, { judge_delivery, "./Maildir", "without a slash" }, { judge_delivery, "./Mailbox", 0 },
    { judge_delivery, "|preline procmail", 0 }, { judge_delivery, " ./Maildir/", "a blank stands in front" },
    { judge_delivery, "Maildir/", "a path begins with" }, { judge_delivery, "./Maildir/ # x", "a comment" }, { judge_delivery, "# x", 0 },
    { judge_delivery, "&a@b, c@d", "one address" }, { judge_delivery, "|", "no command" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char const *why = cases[i].judge(cases[i].line, strlen(cases[i].line));
    if (!why != !cases[i].why || (why && !strstr(why, cases[i].why)))
      fail_msg("\"%s\": \"%s\" instead of \"%s\"", cases[i].line, why ? why : "fine", cases[i].why ? cases[i].why : "fine");
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines) };
  return cmocka_run_group_tests(tests, 0, 0);
}
