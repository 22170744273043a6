/* Lines of /etc/aliases: each word lies in the text, and an address that was completed is read as the same one again. */

#include "fuzz.h"

#include "alias_lines.h"
#include "alias_words.h"
#include "bytes.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct alias_words words = ALIAS_WORDS_ZERO;
  static struct rewrite_rules rules = { .is_ours = 0 };
  struct alias_lines lines = { .in = { (char const *)data, size } };
  size_t number = 0;
  bool is_folded = size && data[0] & 1;
  assert(bytes_set(&rules.host, "host.example") && bytes_set(&rules.domain, "dom.example") && bytes_set(&rules.plus, "plus.example"));
  while (alias_lines_next(&lines, is_folded)) {
    assert(lines.number > number && lines.text.len && lines.text.s[0] != '#');
    number = lines.number;
    if (!alias_words_read(&words, lines.text.s, lines.text.len, &rules)) continue;
    for (size_t i = 0; i < alias_words_count(&words); i++) {
      struct alias_word const *w = alias_words_get(&words, i);
      assert(w->plain + w->plain_len <= words.text.len && w->whole + w->whole_len <= words.text.len);
      assert(w->kind == ALIAS_ADDRESS || w->plain_len);
    }
  }
  stralloc_free(&lines.text);
  return 0;
}
