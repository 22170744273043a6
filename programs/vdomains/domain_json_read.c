#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base64.h"
#include "domain_json.h"

enum { KEY_MAX = 32 };

/* ---- one value ---- */

/* Puts the bytes that a text in base64 means beside it, under the name without the 64. */
static enum domain_json_result decode(json_t *tree, char const *key, json_t const *encoded)
{
  size_t len = json_string_length(encoded);
  char *bytes = malloc(len + 1);
  if (!bytes) return DOMAIN_JSON_NO_MEMORY;
  memcpy(bytes, json_string_value(encoded), len);
  bool right = base64_decode(bytes, len, &len) && !memchr(bytes, 0, len);
  json_t *value = right ? json_stringn_nocheck(bytes, len) : 0;
  free(bytes);
  if (!right) return DOMAIN_JSON_WRONG;
  return json_object_set_new_nocheck(tree, key, value) == 0 ? DOMAIN_JSON_OK : DOMAIN_JSON_NO_MEMORY;
}

/* One that is not there is empty. */
static enum domain_json_result text_of(struct field *to, json_t *tree, char const *key)
{
  char key64[KEY_MAX];
  snprintf(key64, sizeof key64, "%s64", key);
  json_t const *encoded = json_object_get(tree, key64);
  enum domain_json_result result = json_is_string(encoded) ? decode(tree, key, encoded) : DOMAIN_JSON_OK;
  json_t const *value = json_object_get(tree, key);
  *to = (struct field){ "", 0 };
  if (result == DOMAIN_JSON_OK && value && !json_is_string(value)) result = DOMAIN_JSON_WRONG;
  if (result == DOMAIN_JSON_OK && value) *to = (struct field){ json_string_value(value), json_string_length(value) };
  return result;
}

static bool number_of(uint64_t *to, json_t *tree, char const *key, uint64_t most)
{
  json_t const *value = json_object_get(tree, key);
  *to = value ? (uint64_t)json_integer_value(value) : 0;
  return !value || (json_is_integer(value) && json_integer_value(value) >= 0 && *to <= most);
}

/* ---- a line ---- */

static enum domain_json_result read_user(struct domain_line *line)
{
  struct vpasswd *r = &line->record;
  struct { struct field *to; char const *key; } const texts[] = {
    { &r->name, "user" }, { &r->hash, "password" }, { &r->clear, "clear" }, { &r->comment, "comment" }, { &r->quota, "quota" },
    { &line->host, "host" }
  };
  uint64_t uid, flags;
  if (!number_of(&uid, line->tree, "uid", UINT32_MAX) || !number_of(&flags, line->tree, "flags", UINT32_MAX)) return DOMAIN_JSON_WRONG;
  r->uid = (uint32_t)uid;
  r->flags = (uint32_t)flags;
  enum domain_json_result result = DOMAIN_JSON_OK;
  for (size_t i = 0; result == DOMAIN_JSON_OK && i < sizeof texts / sizeof *texts; i++)
    result = text_of(texts[i].to, line->tree, texts[i].key);
  r->has_clear = json_object_get(line->tree, "clear");
  return result;
}

static enum domain_json_result read_others(struct domain_line *line)
{
  struct domain_line_keys const *keys = domain_line_keys + line->kind;
  enum domain_json_result result = text_of(&line->name, line->tree, keys->name);
  if (result == DOMAIN_JSON_OK && keys->text) result = text_of(&line->text, line->tree, keys->text);
  return result;
}

static bool is_of_our_format(json_t *tree)
{
  uint64_t format;
  return number_of(&format, tree, "format", UINT32_MAX) && format == DOMAIN_JSON_FORMAT;
}

static bool has_key(json_t *tree, char const *key)
{
  char key64[KEY_MAX];
  snprintf(key64, sizeof key64, "%s64", key);
  return json_object_get(tree, key) || json_object_get(tree, key64);
}

static enum domain_json_result read_kind(struct domain_line *line)
{
  line->kind = 0;
  while (line->kind < DOMAIN_LINE_KINDS && !has_key(line->tree, domain_line_keys[line->kind].name)) line->kind++;
  switch (line->kind) {
    case DOMAIN_LINE_KINDS: return DOMAIN_JSON_WRONG;
    case DOMAIN_LINE_USER: return read_user(line);
    case DOMAIN_LINE_END: return number_of(&line->count, line->tree, "end", UINT32_MAX) ? DOMAIN_JSON_OK : DOMAIN_JSON_WRONG;
    case DOMAIN_LINE_DOMAIN: return is_of_our_format(line->tree) ? read_others(line) : DOMAIN_JSON_WRONG;
    default: return read_others(line);
  }
}

enum domain_json_result domain_json_read(struct domain_line *line, char const *s, size_t len)
{
  json_error_t error;
  *line = (struct domain_line){ .tree = 0 };
  if (len > DOMAIN_JSON_LINE_MAX) return DOMAIN_JSON_WRONG;
  line->tree = json_loadb(s, len, JSON_REJECT_DUPLICATES, &error);
  if (!line->tree) return json_error_code(&error) == json_error_out_of_memory ? DOMAIN_JSON_NO_MEMORY : DOMAIN_JSON_WRONG;
  return json_is_object((json_t *)line->tree) ? read_kind(line) : DOMAIN_JSON_WRONG;
}

void domain_json_free(struct domain_line *line)
{
  json_decref(line->tree);
  line->tree = 0;
}
