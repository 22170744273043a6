#include <string.h>

#include "base64.h"
#include "domain_json.h"
#include "json.h"
#include "text.h"
#include "utf8.h"

struct domain_line_keys const domain_line_keys[DOMAIN_LINE_KINDS] = {
  [DOMAIN_LINE_DOMAIN] = { "domain", "dir" },
  [DOMAIN_LINE_ALIAS_DOMAIN] = { "alias_domain", 0 },
  [DOMAIN_LINE_FILE] = { "file", "text" },
  [DOMAIN_LINE_USER] = { "user", 0 },
  [DOMAIN_LINE_ALIAS] = { "alias", "text" },
  [DOMAIN_LINE_END] = { "end", 0 }
};

static void add_key(stralloc *to, char const *key, char const *ending)
{
  text_add(to, to->len && to->s[to->len - 1] == '{' ? "\"" : ",\"");
  text_add(to, key);
  text_add(to, ending);
  text_add(to, "\":");
}

static void add_base64(stralloc *to, struct field value)
{
  text_addc(to, '"');
  text_room(to, BASE64_LEN(value.len));
  to->len += base64_encode(to->s + to->len, value.s, value.len);
  text_addc(to, '"');
}

static void add_text(stralloc *to, char const *key, struct field value)
{
  bool is_text = !value.len || utf8_is(value.s, value.len);
  add_key(to, key, is_text ? "" : "64");
  if (!is_text) add_base64(to, value);
  else if (!json_text(to, value.len ? value.s : "", value.len)) memory_gone();
}

static void add_number(stralloc *to, char const *key, uint64_t value)
{
  add_key(to, key, "");
  text_addu(to, value);
}

static void add_user(stralloc *to, struct domain_line const *line)
{
  struct vpasswd const *record = &line->record;
  add_text(to, "user", record->name);
  add_text(to, "password", record->hash);
  if (record->has_clear) add_text(to, "clear", record->clear);
  add_number(to, "uid", record->uid);
  add_number(to, "flags", record->flags);
  add_text(to, "comment", record->comment);
  add_text(to, "quota", record->quota);
  if (line->host.len) add_text(to, "host", line->host);
}

void domain_json_add(stralloc *to, struct domain_line const *line)
{
  struct domain_line_keys const *keys = domain_line_keys + line->kind;
  text_addc(to, '{');
  if (line->kind == DOMAIN_LINE_USER) add_user(to, line);
  else if (line->kind == DOMAIN_LINE_END) add_number(to, keys->name, line->count);
  else add_text(to, keys->name, line->name);
  if (keys->text) add_text(to, keys->text, line->text);
  if (line->kind == DOMAIN_LINE_DOMAIN) add_number(to, "format", DOMAIN_JSON_FORMAT);
  text_add(to, "}\n");
}
