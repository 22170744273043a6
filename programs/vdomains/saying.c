#include <string.h>

#include <skalibs/buffer.h>

#include "die.h"
#include "json.h"
#include "saying.h"
#include "text.h"

static bool is_json = false;

void saying_in_json(void)
{
  is_json = true;
}

bool saying_is_json(void)
{
  return is_json;
}

static void add_object(stralloc *to, char const *kind, char const *sentence)
{
  text_add(to, "{\"");
  text_add(to, kind);
  text_add(to, "\":");
  if (!json_text(to, sentence, strlen(sentence))) die_nomem();
  text_addc(to, '}');
}

void saying(char const *kind, char const *sentence)
{
  static stralloc line = STRALLOC_ZERO;
  line.len = 0;
  if (is_json) add_object(&line, kind, sentence);
  else text_add(&line, sentence);
  text_addc(&line, '\n');
  buffer_put(buffer_1, line.s, line.len);
  buffer_flush(buffer_1);
}

void saying_both(char const *kind, char const *begin, char const *end)
{
  static stralloc sentence = STRALLOC_ZERO;
  text_set(&sentence, begin);
  text_add(&sentence, end);
  saying(kind, text_z(&sentence));
}
