/* The pages of an archive: whatever comes from outside stays text, and queries are what they may be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <skalibs/stralloc.h>

#include "text.h"
#include "web_config.h"
#include "web_message.h"
#include "web_query.h"
#include "web_text.h"

static struct { char const *text; enum web_addresses addresses; char const *shown; } const texts[] = {
  { "a<b>&\"c'", WEB_SHOW, "a&lt;b&gt;&amp;&quot;c&#39;" },
  { "<script>alert(1)</script>", WEB_MASK, "&lt;script&gt;alert(1)&lt;/script&gt;" },
  { "gr\303\274n \360\237\220\204", WEB_SHOW, "gr&#252;n &#128004;" },
  { "\374 \377\200 \300\257", WEB_SHOW, "&#252; &#255; &#192;&#175;" },
  { "a\001\033[1m\177\tb\n", WEB_SHOW, "a[1m\tb\n" },
  { "Joe <joe@example.net>, x", WEB_MASK, "Joe &lt;joe@&#8230;&gt;, x" },
  { "Joe <joe@example.net>, x", WEB_HIDE, "Joe &lt;&#8230;&gt;, x" },
  { "a@b@c d@e", WEB_MASK, "a@&#8230;@&#8230; d@&#8230;" },
  { "@ a@ @b x", WEB_HIDE, "@ a@ @b x" },
  { "\"a b\"@example.net a@[192.0.2.1] a@[x", WEB_MASK, "&quot;a b&quot;@&#8230; a@&#8230; a@[x" },
  { "x \"a b\"@example.net a@[192.0.2.1]>@x", WEB_HIDE, "x &#8230; &#8230;&gt;&#8230;" },
  { "sos-unsubscribe-joe=example.net@x.org a=@b", WEB_MASK, "sos-unsubscribe-joe=&#8230;@&#8230; a=@&#8230;" },
  { "<a@<script>", WEB_MASK, "&lt;a@&lt;script&gt;" },
  { "", WEB_MASK, "" },
};

static void foreign_text_stays_text(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    got.len = 0;
    web_text_add(&got, field_of(texts[i].text), texts[i].addresses);
    assert_string_equal(text_z(&got), texts[i].shown);
  }
  got.len = 0;
  web_url_add(&got, field_of("/a?b=\"<'&\n\303\274"));
  assert_string_equal(text_z(&got), "/a%3Fb=%22%3C%27%26%0A%C3%BC");
  stralloc_free(&got);
}

static struct { char const *name; bool plain; } const charsets[] = {
  { "utf-8", true }, { "ISO-8859-15", true }, { "windows-1252", true }, { "UTF-7", false }, { "utf7", false }, { "utf-16le", false },
  { "iso-2022-jp", false }, { "HZ-GB-2312", false }, { "", false }, { "a\nb", false }, { "x\"y", false }, { "utf-8//TRANSLIT", false },
};

static struct { char const *text, *charset, *utf8; } const converted[] = {
  { "gr\374n", "iso-8859-1", "gr\303\274n" }, { "\200", "windows-1252", "\342\202\254" }, { "a\377b", "us-ascii", "a?b" },
  { "a\377b", "utf-8", "a?b" }, { "gr\303\274n", "utf-8", "gr\303\274n" }, { "x\374", "nonsense", "x\374" }, { "", "utf-8", "" }, { "\303", "utf-8", "?" },
};

static void charsets_are_what_they_may_be(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
    if (web_charset_is_plain(field_of(charsets[i].name)) != charsets[i].plain) fail_msg("%s", charsets[i].name);
  for (size_t i = 0; i < sizeof converted / sizeof *converted; i++) {
    got.len = 0;
    web_utf8_add(&got, field_of(converted[i].text), converted[i].charset);
    assert_string_equal(text_z(&got), converted[i].utf8);
  }
  stralloc_free(&got);
}

static struct { char const *query, *path; bool is; uint64_t list; char const *what; uint64_t number; unsigned month; size_t hash; } const queries[] = {
  { "", "", true, 0, 0, 0, 0, 0 }, { "1", "", true, 1, 0, 0, 0, 0 }, { "1:", "", true, 1, 0, 0, 0, 0 },
  { "1:mss:17", "", true, 1, "mss", 17, 0, 0 }, { "2:dds:0:202511", "", true, 2, "dds", 0, 202511, 0 },
  { "1:sss:17:202511:abcdefghijklmnopabcd", "", true, 1, "sss", 17, 202511, 20 }, { "1:aap:17:abcdefghijklmnopabcd", "", true, 1, "aap", 17, 0, 20 },
  { "1:mss:", "", true, 1, "mss", 0, 0, 0 }, { "1:mss:17:", "", true, 1, "mss", 17, 0, 0 },
  { "x", "", false, 0, 0, 0, 0, 0 }, { "1:ms:1", "", false, 0, 0, 0, 0, 0 }, { "1:xss:1", "", false, 0, 0, 0, 0, 0 }, { "1:mss:1x", "", false, 0, 0, 0, 0, 0 },
  { "1:mss:1:200013", "", false, 0, 0, 0, 0, 0 }, { "1:sss:1:../../etc/passwd", "", false, 0, 0, 0, 0, 0 }, { "1:sss:1:abcdefghijklmnopabcz", "", false, 0, 0, 0, 0, 0 },
  { "1:mss:99999999999999999999", "", false, 0, 0, 0, 0, 0 }, { "1:mss:-1", "", false, 0, 0, 0, 0, 0 },
  { "", "/1/17", true, 1, "mms", 17, 0, 0 }, { "", "/1", true, 1, 0, 0, 0, 0 }, { "", "/", true, 0, 0, 0, 0, 0 }, { "", "/index", true, 0, "iis", 0, 0, 0 },
  { "", "/1/index", true, 1, "iis", 0, 0, 0 }, { "", "/1/index/3", true, 1, "iis", 300, 0, 0 }, { "", "/1/index/0", true, 1, "iis", 1, 0, 0 },
  { "", "/1/index/x", false, 0, 0, 0, 0, 0 }, { "", "/1/../../etc", false, 0, 0, 0, 0, 0 }, { "", "/1/17/x", false, 0, 0, 0, 0, 0 }, { "", "/<script>", false, 0, 0, 0, 0, 0 },
};

static void queries_are_what_they_may_be(void **state)
{
  struct web_query q;
  (void)state;
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
    bool const is = web_query_read(&q, field_of(queries[i].query), field_of(queries[i].path));
    if (is != queries[i].is) fail_msg("%s %s", queries[i].query, queries[i].path);
    if (!is) continue;
    assert_int_equal(q.list, queries[i].list);
    if (queries[i].what) assert_true(q.view == queries[i].what[0] && q.axis == queries[i].what[1] && q.step == queries[i].what[2]);
    else assert_int_equal(q.view, 0);
    assert_true(q.number == queries[i].number && q.month == queries[i].month && q.hash.len == queries[i].hash);
  }
  char text[WEB_QUERY_MAX + 2] = "1:mss:";
  memset(text + 6, ':', sizeof text - 7);
  assert_false(web_query_read(&q, field_of(text), field_of("")) || web_query_read(&q, field_of(""), field_of(text)));
  assert_int_equal(web_month(202501, -1), 202412);
  assert_int_equal(web_month(202412, 1), 202501);
}

#define CONFIG "# lists\n1;0;/a/sos;sos@x.org;[home]=http://x/,=y,z;utf-8;/s.css;<b>banner;more\nx\n2|-5|/b|-t@x.org\n3\n4;;;\n"

static void settings_are_read(void **state)
{
  struct web_config c;
  struct field text, url;
  (void)state;
  assert_true(web_config_find(&c, field_of(CONFIG), 0) && c.list == 1 && field_is(c.dir, "/a/sos") && field_is(c.address, "sos@x.org") && !c.hides);
  assert_true(field_is(c.charset, "utf-8") && field_is(c.stylesheet, "/s.css") && field_is(c.banner, "<b>banner;more"));
  assert_true(web_config_link(&text, &url, &c.links) && field_is(text, "[home]") && field_is(url, "http://x/"));
  assert_true(web_config_link(&text, &url, &c.links) && field_is(text, "y") && field_is(url, "y") && !web_config_link(&text, &url, &c.links));
  assert_true(web_config_find(&c, field_of(CONFIG), 2) && c.hides && field_is(c.dir, "/b") && field_is(c.address, "t@x.org") && !c.banner.len);
  assert_false(web_config_find(&c, field_of(CONFIG), 3) || web_config_find(&c, field_of(CONFIG), 4) || web_config_find(&c, field_of(""), 0));
}

#define HEAD "<dl>\n<dt>From</dt><dd>A</dd>\n</dl>\n"

static struct { char const *message, *shown; } const messages[] = {
  { "From: A\n\nx <b>\n", HEAD "<pre>x &lt;b&gt;\n</pre>\n" },
  { "From: =?utf-8?q?=3Cscript=3E?= <a@b>\n\n", "<dl>\n<dt>From</dt><dd>&lt;script&gt; &lt;a@&#8230;&gt;</dd>\n</dl>\n<pre></pre>\n" },
  { "From: A\nContent-Type: text/html\n\n<script>\n", HEAD "<p class=\"part\">[text/html]</p>\n" },
  { "From: A\nContent-Type: text/\"><script>\n\nx\n", HEAD "<p class=\"part\">[text/&quot;&gt;&lt;script&gt;]</p>\n" },
  { "From: A\nContent-Transfer-Encoding: base64\n\nPHNj\ncmlwdD4=\n", HEAD "<pre>&lt;script&gt;</pre>\n" },
  { "From: A\nContent-Transfer-Encoding: base64\n\n!!!A\n", HEAD "<pre></pre>\n" },
  { "From: A\nContent-Transfer-Encoding: quoted-printable\n\n=3Cb=3E=\nx\n", HEAD "<pre>&lt;b&gt;x\n</pre>\n" },
  { "From: A\nContent-Type: text/plain; charset=iso-8859-1\n\n\374\n", HEAD "<pre>&#252;\n</pre>\n" },
  { "From: A\n\n\303\274\n", HEAD "<pre>&#252;\n</pre>\n" },
  { "From: A\n\n\374\n", HEAD "<pre>?\n</pre>\n" },
  { "From: A\nContent-Type: text/plain; charset=utf-7\n\n+ADw-script+AD4-\n", HEAD "<pre>+ADw-script+AD4-\n</pre>\n" },
  { "From: A\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nContent-Type: image/png\n\n\211PNG\n--b--\nbehind\n",
    HEAD "<pre>one\n</pre>\n<p class=\"part\">[image/png]</p>\n" },
  { "From: A\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: A\n\nin it\n--b", HEAD HEAD "<pre>in it\n</pre>\n" },
  { "", "<dl>\n</dl>\n<pre></pre>\n" },
};

static void messages_stay_text(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
    got.len = 0;
    web_message_add(&got, field_of(messages[i].message), WEB_MASK, "utf-8");
    assert_string_equal(text_z(&got), messages[i].shown);
  }
  stralloc_free(&got);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(foreign_text_stays_text), cmocka_unit_test(charsets_are_what_they_may_be), cmocka_unit_test(queries_are_what_they_may_be),
    cmocka_unit_test(settings_are_read), cmocka_unit_test(messages_stay_text)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
