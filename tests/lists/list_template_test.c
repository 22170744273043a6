/* Templates: what each tag means, when it holds, what text becomes, and which mistakes are seen. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "list_template.h"
#include "text.h"

/* A list with the letters a, m and p, and -0 and -7; being edited or not, what is protected, too, or not. */
static struct template_facts facts(char how)
{
  struct template_facts f = {
    .editing = how != 'n', .rewriting = how == 'r', .dir = field_of("/l/sos"), .dot = field_of("/d/.qmail-x-sos"),
    .local = field_of("x-sos"), .host = field_of("example.org"), .code = field_of("secret"), .programs = field_of("/bin/lists"),
    .chosen = field_of("/etc/mine")
  };
  f.letters['a' - 'a'] = f.letters['m' - 'a'] = f.letters['p' - 'a'] = true;
  f.arguments[0] = field_of("parent@example.net");
  f.arguments[7] = field_of("board");
  template_words(&f);
  return f;
}

static struct { char const *line; enum template_kind kind; char const *name, *link; char how; bool holds, spares; } const tags[] = {
  /* line                    kind                 name           link      how  holds  spares */
  { "text",                  TEMPLATE_TEXT,       0,             0,        'n', true,  false },
  { "",                      TEMPLATE_TEXT,       0,             0,        'n', true,  false },
  { " </editor/>",           TEMPLATE_TEXT,       0,             0,        'n', true,  false },
  { "</editor/>",            TEMPLATE_FILE,       "editor",      0,        'n', true,  false },
  { "<//>",                  TEMPLATE_FILE,       "",            0,        'n', true,  false },
  { "</#m/>",                TEMPLATE_FILE,       "",            0,        'n', true,  false },
  { "</#M/>",                TEMPLATE_FILE,       "",            0,        'n', false, false },
  { "</digest/bouncer/>",    TEMPLATE_FILE,       "digest/bouncer", 0,     'n', true,  false },
  { "</x#amp/>",             TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#amd/>",             TEMPLATE_FILE,       "x",           0,        'n', false, false },
  { "</x#^d^sM/>",           TEMPLATE_FILE,       "x",           0,        'n', false, false },
  { "</x#^d^s/>",            TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#^M/>",              TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#07/>",              TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#08/>",              TEMPLATE_FILE,       "x",           0,        'n', false, false },
  { "</x#^8/>",              TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#12/>",              TEMPLATE_FILE,       "x",           0,        'n', false, false },
  { "</x#1/>",               TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#E/>",               TEMPLATE_FILE,       "x",           0,        'n', true,  false },
  { "</x#E/>",               TEMPLATE_FILE,       "x",           0,        'e', true,  true },
  { "</x#^em/>",             TEMPLATE_FILE,       "x",           0,        'e', true,  true },
  { "</x#E/>",               TEMPLATE_FILE,       "x",           0,        'r', true,  false },
  { "</x#e/>",               TEMPLATE_FILE,       "x",           0,        'n', false, false },
  { "</x#e/>",               TEMPLATE_FILE,       "x",           0,        'e', true,  false },
  { "</-modpost#M/>",        TEMPLATE_REMOVE,     "modpost",     0,        'n', false, false },
  { "</-modsub#S/>",         TEMPLATE_REMOVE,     "modsub",      0,        'n', true,  false },
  { "</-text/top#E/>",       TEMPLATE_REMOVE,     "text/top",    0,        'e', false, false },
  { "</+mod/pending/>",      TEMPLATE_DIRECTORY,  "mod/pending", 0,        'n', true,  false },
  { "</:/editor/>",          TEMPLATE_LINK,       "editor",      "",       'n', true,  false },
  { "</:-default/manager/>", TEMPLATE_LINK,       "manager",     "-default", 'n', true, false },
  { "</:-digest-return-default/digest/bouncer#d/>", TEMPLATE_LINK, "digest/bouncer", "-digest-return-default", 'n', false, false },
  { "</:-default/>",         TEMPLATE_NO_TARGET,  0,             0,        'n', true,  false },
  { "</:/>",                 TEMPLATE_NO_TARGET,  0,             0,        'n', true,  false },
  { "</a.b/>",               TEMPLATE_PERIOD,     0,             0,        'n', true,  false },
  { "</../x/>",              TEMPLATE_PERIOD,     0,             0,        'n', true,  false },
  { "</x>",                  TEMPLATE_UNENDED,    0,             0,        'n', true,  false },
  { "</x/> ",                TEMPLATE_UNENDED,    0,             0,        'n', true,  false },
  { "</>",                   TEMPLATE_UNENDED,    0,             0,        'n', true,  false },
  { "<//etc/x/>",            TEMPLATE_NO_NAME,    0,             0,        'n', true,  false },
  { "</+/>",                 TEMPLATE_NO_NAME,    0,             0,        'n', true,  false },
  { "</x#!/>",               TEMPLATE_NO_FLAG,    0,             0,        'n', true,  false },
};

static void tags_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    struct template_facts const f = facts(tags[i].how);
    struct field rest = field_of(tags[i].line);
    struct template_step step;
    stralloc text = STRALLOC_ZERO;
    text_set(&text, "# a comment\n");
    text_add(&text, tags[i].line);
    text_add(&text, "\n# another");
    rest = (struct field){ text.s, text.len };
    template_next(&step, &rest, &f);
    if (step.kind != tags[i].kind) fail_msg("%s: kind %d", tags[i].line, (int)step.kind);
    if (tags[i].name && (!field_is(step.name, tags[i].name) || step.holds != tags[i].holds || step.spares != tags[i].spares))
      fail_msg("%s (%c)", tags[i].line, tags[i].how);
    if (tags[i].link && !field_is(step.link, tags[i].link)) fail_msg("%s: link", tags[i].line);
    template_next(&step, &rest, &f);
    assert_int_equal(step.kind, TEMPLATE_END);
    stralloc_free(&text);
  }
}

static struct { char const *line, *becomes; } const texts[] = {
  { "", "" },
  { "|<#B#>/ezmlm-weed", "|/bin/lists/ezmlm-weed" },
  { "'<#D#>' <#T#> <#L#>@<#H#> <#C#> <#X#>", "'/l/sos' /d/.qmail-x-sos x-sos@example.org secret /etc/mine" },
  { "<#0#> <#7#> <#8#>.", "parent@example.net board ." },
  { "<#1#>/<#2#>", "x/" },
  { "F:<#F#>", "F:-aBCDEFGHIJKLmNOpQRSTUVWXYZ" },
  { "<#l#>@<#h#> <#A#> <#", "<#l#>@<#h#> <#A#> <#" },
  { "<<#L#>> <#L# > <<#<#L#>", "<x-sos> <#L# > <<#x-sos" },
};

static void texts_are_filled(void **state)
{
  struct template_facts const f = facts('n');
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    got.len = 0;
    template_fill(&got, field_of(texts[i].line), &f);
    if (strcmp(text_z(&got), texts[i].becomes)) fail_msg("%s: %s", texts[i].line, got.s);
  }
  stralloc_free(&got);
}

static struct { char const *dot, *one, *two; } const words[] = {
  { "/var/qmail/alias/.qmail-sos", "", "" },
  { "/var/qmail/alias/.qmail-x-sos", "x", "" },
  { "/home/a-b-c-d/.qmail-x-y-sos-z", "x", "y" },
  { "/home/joe/.qmail-x--z", "x", "" },
  { "none", "", "" },
};

static void words_of_the_name_are_arguments(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    struct template_facts f = { .dot = field_of(words[i].dot) };
    template_words(&f);
    if (!field_is(f.arguments[1], words[i].one) || !field_is(f.arguments[2], words[i].two)) fail_msg("%s", words[i].dot);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(tags_are_read),
    cmocka_unit_test(texts_are_filled),
    cmocka_unit_test(words_of_the_name_are_arguments),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
