/* A page of an archive: of a message, a query and a text, whatever they hold, nothing comes out but ASCII, and no tag but ours. */

#include "fuzz.h"

#include "web_config.h"
#include "web_message.h"
#include "web_query.h"

static void check(stralloc const *page)
{
  static char const *const tags[] = { "<dl>", "</dl>", "<dt>", "</dt>", "<dd>", "</dd>", "<pre>", "</pre>", "<p class=\"part\">", "</p>" };
  for (size_t i = 0; i < page->len; ) {
    size_t t = 0, len = 1;
    assert(page->s[i] == '\n' || page->s[i] == '\t' || (page->s[i] >= 32 && page->s[i] < 127));
    if (page->s[i] == '<') {
      while (t < sizeof tags / sizeof *tags && (page->len - i < strlen(tags[t]) || memcmp(page->s + i, tags[t], strlen(tags[t])))) t++;
      assert(t < sizeof tags / sizeof *tags);
      len = strlen(tags[t]);
    }
    else assert(page->s[i] != '>' && page->s[i] != '"' && page->s[i] != '\'');
    i += len;
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc page = STRALLOC_ZERO;
  struct part rest = whole(data, size);
  struct web_query q;
  struct web_config c;
  struct field text, url;
  unsigned const mode = part_byte(&rest) % 3;
  struct field const all = { rest.s, rest.len };
  page.len = 0;
  web_message_add(&page, all, mode, "utf-8");
  check(&page);
  page.len = 0;
  web_text_add(&page, all, mode);
  web_url_add(&page, all);
  check(&page);
  if (web_query_read(&q, all, (struct field){ "", 0 })) assert(q.month <= 999912 && (!q.hash.len || q.hash.len == 20));
  if (web_query_read(&q, (struct field){ "", 0 }, all)) assert(!q.hash.len && !q.month);
  if (web_config_find(&c, all, 0)) while (web_config_link(&text, &url, &c.links)) assert(text.len && url.len);
  return 0;
}
