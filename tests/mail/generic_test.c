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

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(names) };
  return cmocka_run_group_tests(tests, 0, 0);
}
