#include "address.h"
#include "list_mail.h"
#include "list_unsubscribe.h"
#include "list_words.h"
#include "oneclick.h"
#include "text.h"

bool list_unsubscribe_page(stralloc *to, struct list const *l, char const *table, uint64_t now, struct field reader)
{
  stralloc base = STRALLOC_ZERO;
  to->len = 0;
  if (list_setting(&base, l, "oneclick", 0))
    oneclick_add(to, (struct field){ base.s, base.len }, (struct field){ l->key.s, l->key.len }, table, now, reader);
  stralloc_free(&base);
  return to->len;
}

void list_unsubscribe_fields(struct list const *l, char const *table, struct field reader, stralloc const *page)
{
  stralloc line = STRALLOC_ZERO;
  size_t const at = address_at(reader.s, reader.len);
  text_add(&line, "List-Unsubscribe: ");
  if (page->len) text_add(&line, "<"), text_addx(&line, page), text_add(&line, ">,\n ");
  text_add(&line, "<mailto:");
  list_name(&line, l, table);
  text_add(&line, "-unsubscribe-");
  oneclick_percent(&line, (struct field){ reader.s, at });
  text_add(&line, "=");
  if (at < reader.len) oneclick_percent(&line, (struct field){ reader.s + at + 1, reader.len - at - 1 });
  text_add(&line, "@"), text_addx(&line, &l->host), text_add(&line, ">\n");
  if (page->len) text_add(&line, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n");
  list_mail_addx(&line);
  stralloc_free(&line);
}
