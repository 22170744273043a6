/* ezmlm-cgi: show the archive of a mailing list to a web browser.

   runs as   whom the web server chooses, never as root
   reads     .ezcgirc, or ezcgirc in EZMLM_ETC; PATH_INFO, QUERY_STRING, SCRIPT_NAME; num and archive of the list
   changes   nothing
   exits     0 when something has been shown, an error too; 100 as root, 111 when nobody takes it

   A page is made as a whole before its first byte goes out.
*/

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "archive.h"
#include "list.h"
#include "list_file.h"
#include "list_lines.h"
#include "number.h"
#include "numbered_lines.h"
#include "text.h"
#include "web_config.h"
#include "web_message.h"
#include "web_query.h"
#include "web_site.h"
#include "web_text.h"

enum { SHORT_LIFE = 300, LONG_LIFE = 1209600 };

/* The hash in Content-Security-Policy is that of this text: a test holds them together. */
#define STYLE ":root{color-scheme:light dark}body{max-width:50em;margin:auto;padding:.5em;font-family:sans-serif;line-height:1.4;overflow-wrap:anywhere}" \
  "nav a{display:inline-block;padding:.4em .6em}ul{padding:0;list-style:none}li{padding:.4em 0;border-bottom:1px solid #8888}li span,.part{opacity:.75}" \
  "h1{font-size:1.4em}pre{white-space:pre-wrap}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1em}dd{margin:0}"
#define STYLE_HASH "CGw4fGwciHBcx4nuyYnw4zbwOCydQIlwA8KmQ39p4r8="

static struct web_config config;
static struct web_query query;
static enum web_addresses addresses = WEB_MASK;
static stralloc page = STRALLOC_ZERO, charset = STRALLOC_ZERO;
static struct field script;
static struct archive_num last;
static unsigned lives = SHORT_LIFE;

/* ---- the answer ---- */

static _Noreturn void fail(char const *why)
{
  web_site_fail("500", why);
}

/* The origin of a style sheet that lies elsewhere; what could end the header is none of a URL. */
static void add_origin(stralloc *to, struct field url)
{
  char const *host = url.len > 8 ? memmem(url.s, url.len, "://", 3) : 0;
  if (!host) return;
  size_t len = (size_t)(host + 3 - url.s);
  while (len < url.len && url.s[len] != '/') len++;
  text_add(to, " ");
  for (size_t i = 0; i < len; i++)
    if (url.s[i] > 32 && url.s[i] < 127 && !strchr(";,'\"", url.s[i])) text_addc(to, url.s[i]);
}

static void answer(void)
{
  stralloc head = STRALLOC_ZERO;
  text_add(&head, "Content-Type: text/html; charset="), text_addx(&head, &charset);
  text_add(&head, lives ? "\nCache-Control: max-age=" : "\nCache-Control: no-cache");
  if (lives) text_addu(&head, lives);
  text_add(&head, "\nContent-Security-Policy: default-src 'none'; style-src 'sha256-" STYLE_HASH "' 'self'");
  add_origin(&head, config.stylesheet);
  text_add(&head, "; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\n");
  text_add(&head, "X-Content-Type-Options: nosniff\nReferrer-Policy: no-referrer\n\n");
  web_site_put(&head), web_site_put(&page);
}

/* ---- pieces of a page ---- */

static void add(char const *s) { text_add(&page, s); }
static void add_text(struct field f) { web_text_add(&page, f, addresses); }

/* LISTNO:VIEW:NUMBER:MONTH:HASH */
static void add_link(char const *view, uint64_t number, unsigned month, struct field hash, struct field text)
{
  add("<a href=\"");
  web_url_add(&page, script);
  add("?"), text_addu(&page, config.list), add(":"), add(view), add(":"), text_addu(&page, number);
  if (month) add(":"), text_addu(&page, month);
  if (hash.len) add(":"), text_addb(&page, hash.s, hash.len);
  add("\">"), add_text(text), add("</a>\n");
}

static struct field const none = { "", 0 };

static void add_command(char const *command)
{
  size_t const at = config.address.len ? (size_t)((char const *)memchr(config.address.s, '@', config.address.len) - config.address.s) : 0;
  if (addresses == WEB_HIDE || !memchr(config.address.s, '@', config.address.len)) return;
  add("<a href=\"mailto:"), web_url_add(&page, (struct field){ config.address.s, at });
  add("-"), add(command), web_url_add(&page, (struct field){ config.address.s + at, config.address.len - at });
  add("\">"), add(command), add("</a>\n");
}

static void add_style(void)
{
  add("<style>" STYLE "</style>\n");
  if (!config.stylesheet.len) return;
  add("<link rel=\"stylesheet\" href=\""), web_url_add(&page, config.stylesheet), add("\">\n");
}

static unsigned this_month(void)
{
  time_t const now = time(0);
  struct tm tm;
  gmtime_r(&now, &tm);
  return (unsigned)((tm.tm_year + 1900) * 100 + tm.tm_mon + 1);
}

static void add_navigation(void)
{
  struct field text, url, rest = config.links;
  add("<nav>\n");
  add_link("dds", 0, this_month(), none, field_of("threads"));
  add_link("iis", last.number, 0, none, field_of("messages"));
  if (config.address.len) add_command("subscribe"), add_command("unsubscribe"), add_command("help");
  while (web_config_link(&text, &url, &rest)) {
    add("<a href=\""), web_url_add(&page, url), add("\">");
    web_text_add(&page, text, WEB_SHOW), add("</a>\n");
  }
  add("</nav>\n");
}

/* Lists of messages need no second entry in search engines. */
static void begin_page(struct field title, bool indexed)
{
  add("<!DOCTYPE html>\n<html><head><meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"robots\" content=\"");
  add(indexed ? "index, nofollow" : "noindex"), add("\">\n<title>"), add_text(title), add("</title>\n");
  add_style();
  add("</head><body>\n");
  if (config.banner.len && *config.banner.s == '<') text_addb(&page, config.banner.s, config.banner.len), add("\n");
  add_navigation();
  add("<h1>"), add_text(title), add("</h1>\n");
}

static void end_page(void)
{
  add("</body></html>\n");
}

/* ---- files of the archive ---- */

static void read_or_fail(stralloc *to, char const *path)
{
  if (list_file_read(to, path, WEB_MESSAGE_MAX) == -1) fail("The archive cannot be read just now.");
}

/* The entry of a message in its index; it lies in *index. */
static bool find_entry(struct index_entry *e, stralloc *index, uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  archive_index(path, number);
  read_or_fail(index, path);
  for (size_t at = 0; index_next(e, index->s, index->len, &at) == 1; )
    if (e->number == number) return true;
  return false;
}

/* "N:YYYYMM:HASH TEXT" of subjects and authors, "LAST:HASH [COUNT] TEXT" of threads. */
struct row { uint64_t number; uint64_t month; struct field hash, text; };

static bool row_read(struct row *r, struct field line)
{
  size_t n = number_scan(line.s, line.len, &r->number);
  r->month = 0;
  if (!n || n == line.len || line.s[n] != ':') return false;
  line.s += n + 1, line.len -= n + 1;
  n = number_scan(line.s, line.len, &r->month);
  if (n && n < line.len && line.s[n] == ':') line.s += n + 1, line.len -= n + 1;
  if (line.len < SURF_LETTERS) return false;
  r->hash = (struct field){ line.s, SURF_LETTERS };
  r->text = line.len > SURF_LETTERS ? (struct field){ line.s + SURF_LETTERS + 1, line.len - SURF_LETTERS - 1 } : none;
  for (size_t i = 0; i < SURF_LETTERS; i++)
    if (line.s[i] < 'a' || line.s[i] > 'p') return false;
  return true;
}

enum { ROWS_PATH_MAX = 64, ROWS_MAX = 1 << 16 };

/* archive/subjects/xx/REST, or authors. */
static void rows_path(char path[ROWS_PATH_MAX], char const *kind, struct field hash)
{
  snprintf(path, ROWS_PATH_MAX, "archive/%s/%.2s/%.18s", kind, hash.s, hash.s + 2);
}

/* Of a long file, the rows around that of this message. */
static void read_lines(struct numbered_lines *to, char const *path, uint64_t around)
{
  if (numbered_lines_read(to, path, around, ROWS_MAX) == -1) fail("The archive cannot be read just now.");
}

static void read_rows(struct numbered_lines *to, char const *kind, struct field hash, uint64_t around)
{
  char path[ROWS_PATH_MAX];
  *to = (struct numbered_lines){ .text = STRALLOC_ZERO };
  if (hash.len != SURF_LETTERS) return;
  rows_path(path, kind, hash);
  read_lines(to, path, around);
}

/* Where ezmlm-archive has not been, there are none. */
static void add_rows_link(char const *view, uint64_t number, char const *kind, struct field hash, char const *text)
{
  char path[ROWS_PATH_MAX];
  rows_path(path, kind, hash);
  if (access(path, R_OK) == 0) add_link(view, number, 0, hash, field_of(text));
}

/* ---- pages ---- */

/* Links to what stands before and behind on a page of its own; the row at the one end leads there, and is in its middle then. */
static void add_more(struct numbered_lines const *lines, char const *view, unsigned month, struct field hash)
{
  struct field rest = { lines->text.s, lines->text.len }, line;
  struct row r;
  uint64_t first = 0, end = 0;
  if (!lines->more_before && !lines->more_behind) return;
  while (list_line_any(&line, &rest)) {
    if (!row_read(&r, line)) continue;
    if (!first) first = r.number;
    end = r.number;
  }
  add("<nav>\n");
  if (lines->more_before) add_link(view, first, month, hash, field_of("before"));
  if (lines->more_behind) add_link(view, end, month, hash, field_of("behind"));
  add("</nav>\n");
}

/* month: of all of them; 0: none. */
static void add_rows(struct numbered_lines const *lines, char const *view, unsigned month)
{
  struct field rest = { lines->text.s, lines->text.len }, line;
  struct row r;
  add("<ul>\n");
  while (list_line_any(&line, &rest))
    if (row_read(&r, line)) add("<li>"), add_link(view, r.number, month, month ? r.hash : none, r.text), add("</li>\n");
  add("</ul>\n");
}

static void show_threads(unsigned month)
{
  struct numbered_lines lines;
  char path[ARCHIVE_PATH_MAX], title[32];
  snprintf(path, sizeof path, "archive/threads/%u", month);
  snprintf(title, sizeof title, "%04u-%02u", month / 100, month % 100);
  read_lines(&lines, path, query.number);
  lives = month < this_month() ? LONG_LIFE : SHORT_LIFE;
  begin_page(field_of(title), false);
  add("<nav>\n");
  add_link("dds", 0, web_month(month, -1), none, field_of("month before"));
  add_link("dds", 0, web_month(month, 1), none, field_of("month behind"));
  add("</nav>\n");
  add_more(&lines, "dds", month, none);
  add_rows(&lines, "sss", month);
  if (!lines.text.len) add("<p>Nothing was written in this month.</p>\n");
  end_page();
}

/* A subject with its authors, or an author with his subjects. */
static void show_rows(char const *kind, struct field hash)
{
  struct numbered_lines lines;
  read_rows(&lines, kind, hash, query.number);
  if (lines.head.len <= SURF_LETTERS) fail("There is no such subject or author in this archive.");
  begin_page((struct field){ lines.head.s + SURF_LETTERS + 1, lines.head.len - SURF_LETTERS - 1 }, false);
  add_more(&lines, *kind == 's' ? "sss" : "aas", 0, hash);
  add_rows(&lines, "mss", 0);
  end_page();
}

static void show_index(uint64_t number)
{
  stralloc index = STRALLOC_ZERO;
  struct index_entry e;
  char path[ARCHIVE_PATH_MAX], title[64];
  uint64_t const group = number / ARCHIVE_GROUP * ARCHIVE_GROUP;
  archive_index(path, number);
  read_or_fail(&index, path);
  snprintf(title, sizeof title, "Messages %llu to %llu", (unsigned long long)group + (group == 0), (unsigned long long)group + ARCHIVE_GROUP - 1);
  lives = group + ARCHIVE_GROUP <= last.number ? LONG_LIFE : SHORT_LIFE;
  begin_page(field_of(title), false);
  add("<nav>\n");
  if (group) add_link("iis", group - 1, 0, none, field_of("before"));
  if (group + ARCHIVE_GROUP <= last.number) add_link("iis", group + ARCHIVE_GROUP, 0, none, field_of("behind"));
  add("</nav>\n<ul>\n");
  for (size_t at = 0; index_next(&e, index.s, index.len, &at) == 1; ) {
    add("<li>"), add_link("mis", e.number, 0, none, e.subject);
    add("<span>"), add_text(e.author), add("</span></li>\n");
  }
  add("</ul>\n");
  end_page();
}

/* Complete, of any size. */
static bool is_there(struct stat *st, uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  archive_post(path, number);
  return number && number <= last.number && stat(path, st) == 0 && st->st_mode & S_IXUSR;
}

/* Posts that somebody has removed are passed over, where they are not too many; 0: there is none. */
static uint64_t neighbour(uint64_t number, int step)
{
  struct stat st;
  for (unsigned i = 0; i < ARCHIVE_GROUP; i++)
    if (is_there(&st, number += (uint64_t)step)) return number;
  return 0;
}

static void add_neighbours(uint64_t number)
{
  uint64_t const before = neighbour(number, -1), behind = neighbour(number, 1);
  if (before) add_link("mds", before, 0, none, field_of("message before"));
  if (behind) add_link("mds", behind, 0, none, field_of("message behind"));
}

static void show_message(uint64_t number)
{
  stralloc message = STRALLOC_ZERO, subject = STRALLOC_ZERO, index = STRALLOC_ZERO;
  struct index_entry e;
  char path[ARCHIVE_PATH_MAX];
  struct stat st;
  if (!is_there(&st, number)) fail("There is no such message in this archive.");
  if (st.st_size > WEB_MESSAGE_MAX) fail("This message is too large to be shown here.");
  archive_post(path, number);
  read_or_fail(&message, path);
  struct field const all = { message.s, message.len };
  web_field_add(&subject, all, "Subject");
  lives = number < last.number ? LONG_LIFE : SHORT_LIFE;
  begin_page((struct field){ subject.s, subject.len }, true);
  add("<nav>\n");
  add_neighbours(number);
  if (find_entry(&e, &index, number)) {
    add_rows_link("sss", number, "subjects", e.subject_hash, "this subject");
    add_rows_link("aas", number, "authors", e.author_hash, "this author");
  }
  add("</nav>\n");
  web_message_add(&page, all, addresses, charset.s);
  end_page();
}

/* ---- which one ---- */

/* The message before or behind this one, by number, or in a file of its subject or author. */
static uint64_t step_from(uint64_t number)
{
  struct numbered_lines lines;
  stralloc index = STRALLOC_ZERO;
  struct index_entry e;
  struct field rest, line;
  struct row r;
  uint64_t found = 0;
  if (query.axis != 's' && query.axis != 'a') return query.step == 'n' ? number + 1 : number - 1;
  if (!find_entry(&e, &index, number)) return 0;
  read_rows(&lines, query.axis == 's' ? "subjects" : "authors", query.axis == 's' ? e.subject_hash : e.author_hash, number);
  rest = (struct field){ lines.text.s, lines.text.len };
  while (list_line_any(&line, &rest)) {
    if (!row_read(&r, line)) continue;
    if (query.step == 'p' && r.number < number && r.number > found) found = r.number;
    if (query.step == 'n' && r.number > number && (!found || r.number < found)) found = r.number;
  }
  return found;
}

/* A hash that the query does not have is that of its message. */
static struct field hash_of(char view)
{
  static stralloc index = STRALLOC_ZERO;
  struct index_entry e;
  if (query.hash.len) return query.hash;
  if (!find_entry(&e, &index, query.number)) return none;
  return view == 's' ? e.subject_hash : e.author_hash;
}

static void show(void)
{
  int const later = query.step == 'n' ? 1 : query.step == 'p' ? -1 : 0;
  unsigned const month = query.month ? query.month : this_month();
  switch (query.view) {
    case 'm': show_message(later ? step_from(query.number) : query.number); break;
    case 's': show_rows("subjects", hash_of('s')); break;
    case 'a': show_rows("authors", hash_of('a')); break;
    case 'i': show_index(later > 0 ? query.number + ARCHIVE_GROUP : later < 0 && query.number >= ARCHIVE_GROUP ? query.number - ARCHIVE_GROUP
                         : query.number ? query.number : last.number); break;
    default: show_threads(web_month(month, later));
  }
  if (later) lives = 0;
}

/* ---- the beginning ---- */

static void configure(void)
{
  switch (web_site_find(&config, query.list)) {
    case -1: fail("There is no list to be shown here: .ezcgirc is missing, or cannot be read.");
    case 0: fail("There is no such list here.");
  }
  if (config.hides) addresses = WEB_HIDE;
  text_set(&charset, "utf-8");
  if (web_charset_is_plain(config.charset)) text_setb(&charset, config.charset.s, config.charset.len);
  text_z(&charset);
}

static void enter(void)
{
  stralloc dir = STRALLOC_ZERO;
  text_setb(&dir, config.dir.s, config.dir.len);
  if (chdir(text_z(&dir)) == -1 || !archive_num_read(&last, "num")) fail("The archive cannot be read just now.");
  stralloc_free(&dir);
}

int main(void)
{
  PROG = "ezmlm-cgi";
  if (!geteuid() || !getuid()) strerr_dief(LIST_REFUSED, "refusing to run as root");
  script = web_site_variable("SCRIPT_NAME");
  if (!web_query_read(&query, web_site_variable("QUERY_STRING"), web_site_variable("PATH_INFO"))) fail("This is no address of a page of an archive.");
  configure();
  enter();
  show();
  answer();
  return 0;
}
