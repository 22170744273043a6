/* What stands in lines of /etc/aliases, of lists and of .forward files, from right to left. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "alias_words.h"
#include "bytes.h"

static struct { char const *line, *words; } const cases[] = {
  { "", "" },
  { ",;: ,", "" },
  { "joe: ann", "ann=ann@host.example joe=joe@host.example" },
  { "joe ann", "ann=ann@host.example joe=joe@host.example" },
  { "joe:ann,bob@x.y;\n\tcar@z", "car@z=car@z.dom.example bob@x.y=bob@x.y ann=ann@host.example joe=joe@host.example" },
  { "joe (his name): Ann Lee <ann@x.y> (x), \\bob", "bob=bob@host.example ann@x.y=ann@x.y joe=joe@host.example" },
  { "a+: b@c+", "b@c+=b@c.plus.example a+=a+@host.example" },
  { "@x.y: joe", "joe=joe@host.example @@x.y" },
  { "a:@b.c,@d", "@@d @@b.c a=a@host.example" },
  { "r: \"|/bin/x -a 'b c'\"", "|/bin/x -a 'b c' r=r@host.example" },
  { "r: |\"/bin/x a\", |/bin/y", "|/bin/y |/bin/x a r=r@host.example" },
  { "r: \"|x\"@y.z", "|x@y.z=|x@y.z r=r@host.example" },
  { "r: \"|x a@b\"", "|x a@b r=r@host.example" },
  { "r: /var/mail/x, \"/a b\"", "//a b //var/mail/x r=r@host.example" },
  { "l: :include:/etc/l.x, :include:~/m ann", "ann=ann@host.example :~/m :/etc/l.x l=l@host.example" },
  { "l: :include:\"/a b\",c", "c=c@host.example :/a b l=l@host.example" },
  { "l: :include:", "include=include@host.example l=l@host.example" },
  { "\"a b\"@c.d: \"x\\\"y\"", "x\"y=x\"y@host.example a b@c.d=a b@c.d" },
  { "joe: \"open", 0 },
  { "joe: (open", 0 },
  { "joe: a@b>", 0 },
};

static void show(char *to, size_t size, struct alias_words const *w)
{
  static char const signs[][2] = { [ALIAS_ADDRESS] = "", [ALIAS_PROGRAM] = "|", [ALIAS_FILE] = "/", [ALIAS_INCLUDE] = ":", [ALIAS_HOST] = "@" };
  *to = 0;
  for (size_t i = 0; i < alias_words_count(w); i++) {
    struct alias_word const *one = alias_words_get(w, i);
    struct field plain = alias_plain(w, one), whole = alias_whole(w, one);
    size_t len = strlen(to);
    snprintf(to + len, size - len, "%s%s%.*s", i ? " " : "", signs[one->kind], (int)plain.len, plain.s);
    len = strlen(to);
    if (one->kind == ALIAS_ADDRESS) snprintf(to + len, size - len, "=%.*s", (int)whole.len, whole.s);
  }
}

static void words_of_lines(void **state)
{
  struct alias_words w = ALIAS_WORDS_ZERO;
  struct rewrite_rules rules = { .is_ours = 0 };
  (void)state;
  bytes_set(&rules.host, "host.example");
  bytes_set(&rules.domain, "dom.example");
  bytes_set(&rules.plus, "plus.example");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char shown[1000];
    bool sound = alias_words_read(&w, cases[i].line, strlen(cases[i].line), &rules);
    show(shown, sizeof shown, &w);
    if (sound != (cases[i].words != 0) || (sound && strcmp(shown, cases[i].words))) fail_msg("%s: %s", cases[i].line, shown);
  }
  alias_words_free(&w);
  stralloc_free(&rules.host);
  stralloc_free(&rules.domain);
  stralloc_free(&rules.plus);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(words_of_lines) };
  return cmocka_run_group_tests(tests, 0, 0);
}
