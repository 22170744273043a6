/* What a list says, and how it is set: tags, lines of settings, sections of texts, sentences, flags, options. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <skalibs/strerr.h>

#include "list_options.h"
#include "list_sender.h"
#include "list_sentences.h"
#include "list_words.h"
#include "text.h"

static char made[] = "/tmp/list.XXXXXX";

static void put(char const *name, char const *text)
{
  FILE *f = fopen(name, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  fclose(f);
}

static int a_list(void **state)
{
  (void)state;
  PROG = "list_words_test";
  assert_non_null(mkdtemp(made));
  assert_int_equal(chdir(made), 0);
  setenv("EZMLM_ETC", "etc", 1);
  mkdir("text", 0700), mkdir("etc", 0700), mkdir("etc/default", 0700), mkdir("etc/default/text", 0700);
  mkdir("other", 0700), mkdir("other/text", 0700);
  put("key", "0123456789abcdef");
  put("outlocal", "# the name\n\nsos \t\n"), put("outhost", "example.org");
  put("charset", "utf-8:q\n"), put("listid", "<<#L#>.example.org>\n");
  put("ezmlmrc", "other/ezmlmrc\n"), put("other/ezmlmrc", "");
  return 0;
}

static int no_list(void **state)
{
  char command[64];
  (void)state;
  snprintf(command, sizeof command, "rm -r %s", made);
  return chdir("/") || system(command);
}

static void is(stralloc const *got, char const *wanted)
{
  if (got->len != strlen(wanted) || memcmp(got->s, wanted, got->len)) fail_msg("\"%.*s\" is not \"%s\"", (int)got->len, got->s, wanted);
}

/* ---- tags ---- */

#define F(text) { text, sizeof text - 1 }
static struct list_tags const all_tags = {
  .table = "digest", .target = F("a=b@c@d.example"), .confirm = F("sos-digest-sc.1.abc-x=y@example.org"),
  .cookie = F("abcdefghijklmnopabcd"), .time = F("1000000000"), .action = F("sc."), .number = F("7"),
  .parameter = { [1] = F("one") }
};

static struct { char const *text, *with, *without; } const tags[] = {
  { "<#A#>|<#a#>|<#t#>", "a=b@c@d.example|a=b@c|a=b@c=d.example", "?????|?????|?????" },
  { "<#R#>", "sos-digest-sc.1.abc-x=y@example.org", "?????" },
  { "<#r#>|<#c#>", "sos-digest-sc.1.abc-x=y|sc.1.abc-x=y", "?????|?????" },
  { "<#L#>-<#l#>@<#H#>,<#h#>", "sos-sos-digest@example.org,example.org", "sos-sos@example.org,example.org" },
  { "<#d#>", "the/list", "the/list" },
  { "<#C#> <#T#> <#X#> <#n#>", "abcdefghijklmnopabcd 1000000000 sc. 7", "???????????????????? ????? ??. ?????" },
  { "<#1#><#2#>", "one?????", "??????????" },
  { "a<#z#>b<###>c", "abc", "abc" },
  { "<#A#", "<#A#", "<#A#" },
  { "<<#L#>>", "<sos>", "<sos>" },
  { "<#\n#>", "<#\n#>", "<#\n#>" },
  { "", "", "" },
};

static void tags_stand_for_what_the_page_says(void **state)
{
  struct list const l = { .dir = "the/list", .local = { "sos", 3, 0 }, .host = { "example.org", 11, 0 } };
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    got.len = 0, list_tags_fill(&got, field_of(tags[i].text), &l, &all_tags), is(&got, tags[i].with);
    got.len = 0, list_tags_fill(&got, field_of(tags[i].text), &l, 0), is(&got, tags[i].without);
  }
  got.len = 0, list_tags_fill(&got, field_of("<#L#><#l#><#H#><#d#>"), 0, 0), is(&got, "????????????????????");
  stralloc_free(&got);
}

/* ---- the directory ---- */

static void entering_reads_what_a_list_is_called(void **state)
{
  struct list l = LIST_ZERO;
  (void)state;
  list_enter(&l, ".");
  is(&l.key, "0123456789abcdef"), is(&l.local, "sos"), is(&l.host, "example.org");
  is(&l.charset, "utf-8"), is(&l.listid, "<sos.example.org>"), is(&l.elsewhere, "other");
  assert_int_equal(l.encoding, 'Q');
}

static void settings_are_looked_up_in_three_places(void **state)
{
  struct list l = LIST_ZERO;
  stralloc got = STRALLOC_ZERO;
  (void)state;
  list_enter(&l, ".");
  assert_false(list_setting(&got, &l, "digsize", 0));
  put("etc/default/digsize", "\n#x\n 3 \n4\n"), assert_true(list_setting(&got, &l, "digsize", 0)), is(&got, " 3");
  put("other/digsize", "2"), assert_true(list_setting(&got, &l, "digsize", 0)), is(&got, "2");
  put("digsize", "1\n"), assert_true(list_setting(&got, &l, "digsize", 0)), is(&got, "1");
  put("digsize", "#\n"), assert_false(list_setting(&got, &l, "digsize", 0)), is(&got, "");
  assert_false(list_settings(&got, &l, "headeradd", 0));
  put("headeradd", "# c\nSender: <<#l#>@<#h#>> \n\n X: y");
  assert_true(list_settings(&got, &l, "headeradd", &all_tags));
  assert_int_equal(got.len, 39);
  assert_memory_equal(got.s, "Sender: <sos-digest@example.org>\0 X: y", 39);
  stralloc_free(&got);
}

static struct { char const *text, *shown; } const texts[] = {
  { "a\n# c\nb", "a\nb\n" },
  { "!A\n!R at all\n!X\n", "   a=b@c@d.example\n   sos-digest-sc.1.abc-x=y@example.org\n!X\n" },
  { "1\n<=r=>\n2\n<==>\n3\n<=R=>\n4\n<=p=>\n5\n<=pz=>\n6\n<=prz=>\n7\n", "1\n3\n5\n6\n" },
  { "<=p=>x\n<=\n", "<=p=>x\n<=\n" },
  { "", "" },
};

static void texts_are_as_the_list_is(void **state)
{
  struct list l = LIST_ZERO;
  stralloc got = STRALLOC_ZERO;
  (void)state;
  list_enter(&l, ".");
  put("public", "");
  assert_false(list_text(&got, &l, "top", &all_tags));
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    put("text/top", texts[i].text);
    got.len = 0, assert_true(list_text(&got, &l, "top", &all_tags)), is(&got, texts[i].shown);
  }
  put("etc/default/text/faq", "from far"), list_text_needed(&got, &l, "faq", 0);
  stralloc_free(&got);
}

static void flags_are_said_in_three_ways(void **state)
{
  struct list l = LIST_ZERO;
  (void)state;
  put("modsub", "");
  list_enter(&l, ".");
  assert_true(list_flag(&l, "modsub") && list_flag(&l, "public") && list_letter(&l, 's') && list_letter(&l, 'S'));
  assert_false(list_flag(&l, "remote") || list_letter(&l, 'r') || list_letter(&l, 'd') || list_letter(&l, 'k'));
  assert_true(list_letter(&l, 'e') && list_letter(&l, 'v') && list_letter(&l, 'z') && list_letter(&l, '1') && list_letter(&l, '4'));
  put("config", "X:template\n#F:s\nF:-Sr\nL:sos\nno such line\nF:d\n");
  l = (struct list)LIST_ZERO, list_enter(&l, ".");
  assert_true(!list_flag(&l, "modsub") && list_flag(&l, "remote") && list_flag(&l, "public") && !list_flag(&l, "digested"));
  put("flags", "sPd\n");
  l = (struct list)LIST_ZERO, list_enter(&l, ".");
  assert_true(list_flag(&l, "modsub") && !list_flag(&l, "remote") && !list_flag(&l, "public") && list_flag(&l, "digested"));
  unlink("flags"), unlink("config"), unlink("modsub");
}

static void sentences_are_the_sites_own_where_it_has_some(void **state)
{
  struct list l = LIST_ZERO;
  stralloc got = STRALLOC_ZERO;
  (void)state;
  put("text/messages", "SUB_WELCOME: in <#L#> welcome\nERR_BOUNCE:first\n# x\n#TXT_BY:no\nSUB_FAQ:blank behind \r\n");
  put("other/text/messages", "ERR_BOUNCE:second\nSUB_WELCOMER:no\nTXT_BY:of <#1#>\n");
  put("etc/default/text/messages", "# x\nTXT_BY:third\nSUB_HELP:help is near\n");
  list_enter(&l, ".");
  list_say(&got, &l, "SUB_WELCOME", 0), is(&got, " in sos welcome");
  got.len = 0, list_say(&got, &l, "ERR_BOUNCE", 0), is(&got, "first");
  got.len = 0, list_say(&got, &l, "TXT_BY", &all_tags), is(&got, "of one");
  got.len = 0, list_say(&got, &l, "SUB_HELP", 0), is(&got, "help is near");
  got.len = 0, list_say(&got, &l, "SUB_GOODBYE", 0), is(&got, "GOODBYE from sos@example.org");
  got.len = 0, list_say(&got, &l, "MY_OWN", 0), is(&got, "MY_OWN");
  got.len = 0, list_say(&got, &l, "SUB_FAQ", 0), is(&got, "blank behind ");
  got.len = 0, list_say(&got, 0, "SUB_WELCOME", 0), is(&got, " in sos welcome");
  stralloc_free(&got);
}

static void no_sentence_is_there_twice(void **state)
{
  (void)state;
  for (struct list_sentence const *s = list_sentences; s->identifier; s++)
    assert_ptr_equal(list_sentence(field_of(s->identifier)), s->text);
}

/* ---- options ---- */

static void options_come_after_files(void **state)
{
  bool on = false, off = true;
  unsigned many = 1;
  uint64_t number = 3;
  char const *text = "usual";
  struct list l = LIST_ZERO;
  struct list_option const options[] = {
    { 'l', OPTION_ON, &on, "modcanlist" }, { 'L', OPTION_OFF, &on, 0 }, { 'S', OPTION_OFF, &off, "nosubconfirm" },
    { 's', OPTION_ON, &off, 0 }, { 'Q', OPTION_COUNT_UP, &many, 0 }, { 'q', OPTION_COUNT_NONE, &many, 0 },
    { 'n', OPTION_NUMBER, &number, "digcount" }, { 'f', OPTION_TEXT, &text, "digformat" }, { 'c', OPTION_IGNORED, 0, 0 }, { 0 }
  };
  (void)state;
  assert_int_equal(list_options(&l, 2, (char const *[]){ "x", "." }, options, LIST_NEEDED, "x dir"), 2);
  assert_true(!on && off && many == 1 && number == 3 && !strcmp(text, "usual"));
  put("modcanlist", ""), put("nosubconfirm", ""), put("digcount", "12x"), put("digformat", "r\n");
  char const *some[] = { "x", ".", "-l" };
  l = (struct list)LIST_ZERO;
  assert_int_equal(list_options(&l, 3, some, options, LIST_NEEDED, "x dir"), 2);
  assert_true(on && !off && many == 1 && number == 12 && !strcmp(text, "r"));
  char const *more[] = { "x", "-LQQc", "-fm", "-sn", "5", "-l", "-f", "", "--", ".", "-q", 0 };
  l = (struct list)LIST_ZERO, many = 0;
  assert_int_equal(list_options(&l, 11, more, options, LIST_NEEDED, "x dir"), 10);
  assert_true(on && off && many == 2 && number == 5 && !strcmp(text, ""));
  char const *none[] = { "x", "-q", "-", "-l" };
  assert_int_equal(list_options(&l, 4, none, options, LIST_NONE, "x"), 3);
  assert_int_equal(many, 0);
  assert_int_equal(list_options(&l, 1, none, options, LIST_MAYBE, "x"), 1);
}

/* ---- who sent it ---- */

static struct { char const *sender, *plain; } const senders[] = {
  { "joe@example.org", "joe@example.org" },
  { "SRS0=Hx=Tt=example.org=joe@relay.example", "joe@example.org" },
  { "SRS0+Hx=Tt=example.org=joe@relay.example", "joe@example.org" },
  { "SRS1=Hx=first.example==Hy=Tt=example.org=joe@relay.example", "joe@example.org" },
  { "SRS0=joe@relay.example", "SRS0=joe@relay.example" },
  { "SRS0=Hx=Tt==joe@relay.example", "SRS0=Hx=Tt==joe@relay.example" },
  { "srs@relay.example", "srs@relay.example" },
  { "prvs=123456789a=joe@example.org", "joe@example.org" },
  { "prvs=joe=123456789a@example.org", "joe@example.org" },
  { "prvs=123456789=joe=b@example.org", "joe=b@example.org" },
  { "prvs=12345678=joe@example.org", "prvs=12345678=joe@example.org" },
  { "prvs=123456789@example.org", "prvs=123456789@example.org" },
  { "btv1==12ab==joe@example.org", "joe@example.org" },
  { "btv1==12ab=joe@example.org", "btv1==12ab=joe@example.org" },
  { "btv1==12ab==@example.org", "btv1==12ab==@example.org" },
  { "SRS0=a=b=c=d", "SRS0=a=b=c=d" },
  { "", "" }, { "#@[]", "#@[]" }, { "prvs=", "prvs=" },
};

static void senders_are_unwrapped(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
    got.len = 0, list_sender_plain(&got, field_of(senders[i].sender)), is(&got, senders[i].plain);
  assert_true(list_sender_is_bounce(field_of("")) && list_sender_is_bounce(field_of("#@[]")));
  assert_true(list_sender_is_anonymous(field_of("joe")) && !list_sender_is_anonymous(field_of("joe@x")));
  stralloc_free(&got);
}

static struct { char const *address, *written; bool comes_back; } const in_fields[] = {
  { "joe@example.org", "joe@example.org", true },
  { "a b@example.org", "\"a b\"@example.org", true },
  { "a\"\\b@example.org", "\"a\\\"\\\\b\"@example.org", true },
  { "a,b@c@example.org", "\"a,b@c\"@example.org", true },
  { "a\nb: c@example.org", "\"a\\?b: c\"@example.org", false },
  { "a@example.org\r\nb: c", "a@example.org??b: c", false },
  { "a\tb\177@example.org", "\"a?b?\"@example.org", false },
  { "", "", true }, { "joe", "joe", true }, { "a b", "\"a b\"", true },
};

static void senders_are_one_address_in_a_field(void **state)
{
  stralloc written = STRALLOC_ZERO, read = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof in_fields / sizeof *in_fields; i++) {
    written.len = 0;
    list_sender_written(&written, field_of(in_fields[i].address));
    is(&written, in_fields[i].written);
    list_sender_read(&read, (struct field){ written.s, written.len });
    if (in_fields[i].comes_back) is(&read, in_fields[i].address);
  }
  list_sender_read(&read, field_of("\"a\"@b>, c")), is(&read, "\"a\"@b>, c");
  list_sender_read(&read, field_of("\"a")), is(&read, "\"a");
  list_sender_read(&read, field_of("a b@c")), is(&read, "a b@c");
  stralloc_free(&written), stralloc_free(&read);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(tags_stand_for_what_the_page_says),
    cmocka_unit_test(sentences_are_the_sites_own_where_it_has_some),
    cmocka_unit_test(no_sentence_is_there_twice),
    cmocka_unit_test(entering_reads_what_a_list_is_called),
    cmocka_unit_test(settings_are_looked_up_in_three_places),
    cmocka_unit_test(texts_are_as_the_list_is),
    cmocka_unit_test(flags_are_said_in_three_ways),
    cmocka_unit_test(options_come_after_files),
    cmocka_unit_test(senders_are_unwrapped),
    cmocka_unit_test(senders_are_one_address_in_a_field),
  };
  return cmocka_run_group_tests(tests, a_list, no_list);
}
