#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generic.h"
#include "text.h"

static char const MAP[] =
  "joe:joe.smith@x.example\njoe@b.example:j@y.example\n@a.example:@x.example\nann:nobody\nbob@a.example:@\n@:@z\n:c@d\neve:@w.example\n";

static struct { char const *address, *becomes; } const cases[] = {
  /* address             becomes, null: stays */
  { "joe@a.example",     "joe.smith@x.example" },
  { "JOE@A.Example",     "joe.smith@x.example" },
  { "joe@c.example",     "joe.smith@x.example" },
  { "joe@b.example",     "j@y.example" },
  { "joe@d.example",     0 },                       /* not of this host */
  { "ann@a.example",     "ann@x.example" },         /* her line has no address */
  { "bob@a.example",     "bob@x.example" },
  { "eve@c.example",     "eve@w.example" },
  { "joe smith@a.example", "joe smith@x.example" },
  { "a@b@a.example",     "a@b@x.example" },
  { "ann@c.example",     0 },
  { "joe",               0 },
  { "@a.example",        0 },
  { "joe@",              0 },
  { "@",                 0 },
  { "",                  0 }
};

static void names(void **state)
{
  struct nameset map = NAMESET_ZERO, locals = NAMESET_ZERO;
  stralloc address = STRALLOC_ZERO;
  (void)state;
  assert_true(nameset_map(&map, MAP, sizeof MAP - 1) && nameset_list(&locals, "a.example\nc.example\n", 20));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char const *wanted = cases[i].becomes ? cases[i].becomes : cases[i].address;
    text_set(&address, cases[i].address);
    assert_int_equal(generic_find(&address, &map, &locals), cases[i].becomes != 0);
    assert_string_equal(text_z(&address), wanted);
  }
  stralloc_free(&address);
  nameset_free(&map);
  nameset_free(&locals);
}

static struct { char const *header, *becomes; } const headers[] = {
  /* header, and what it becomes; null: it stays */
  { "From: Joe <joe@a.example>\nTo: joe@a.example\nSubject: joe@a.example\n",
    "From: Joe <joe.smith@x.example>\nTo: joe@a.example\nSubject: joe@a.example\n" },
  { "from : joe@a.example (Joe),\n\tann@a.example,  x@z.example\n", "from : joe.smith@x.example (Joe),\n\tann@x.example,  x@z.example\n" },
  { "Sender: \"joe smith\"@a.example\nReply-To: g: joe@b.example;\n", "Sender: \"joe smith\"@x.example\nReply-To: g: j@y.example;\n" },
  { "From: \"joe@a.example\" <jo\n e@c.example>\n", 0 },
  { "From: <joe\n @a.example>\n", "From: <joe.smith@x.example>\n" },
  { "From: joe@a.example joe@b.example\n", 0 },      /* words, and no list */
  { "From: (joe@a.example\n", 0 },
  { "From: <>\n", 0 },
  { "From: joe\n", 0 },
  { "X-From: joe@a.example\n joe@a.example\n", 0 },
  { "From: joe@a.example\nresent-from: joe@a.example\n", "From: joe@a.example\nresent-from: joe.smith@x.example\n" },
  { "", 0 }
};

static void header_fields(void **state)
{
  struct nameset map = NAMESET_ZERO, locals = NAMESET_ZERO;
  stralloc renamed = STRALLOC_ZERO;
  (void)state;
  assert_true(nameset_map(&map, MAP, sizeof MAP - 1) && nameset_list(&locals, "a.example\nc.example\n", 20));
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    renamed.len = 0;
    generic_rename(&renamed, headers[i].header, strlen(headers[i].header), &map, &locals);
    assert_string_equal(text_z(&renamed), headers[i].becomes ? headers[i].becomes : headers[i].header);
  }
  stralloc_free(&renamed);
  nameset_free(&map);
  nameset_free(&locals);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(names), cmocka_unit_test(header_fields) };
  return cmocka_run_group_tests(tests, 0, 0);
}
