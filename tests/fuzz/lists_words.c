/* Tags and lines of settings, and senders that were rewritten on their way. */

#include "fuzz.h"

#include "list_lines.h"
#include "list_sender.h"
#include "list_words.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc out = STRALLOC_ZERO;
  struct list const l = { .dir = "d", .local = { "sos", 3, 0 }, .host = { "h", 1, 0 } };
  struct field const in = { (char const *)data, size };
  struct list_tags const tags = { .table = "deny", .target = in, .confirm = in, .parameter = { in } };
  struct field rest = in, line;
  while (list_line_next(&line, &rest)) assert(line.len && *line.s != '#' && !memchr(line.s, '\n', line.len));
  if (size < 4096) {
    out.len = 0;
    list_tags_fill(&out, in, &l, &tags);
    list_tags_fill(&out, in, 0, 0);
  }
  out.len = 0;
  list_sender_plain(&out, in);
  assert(out.len <= size);
  out.len = 0;
  list_sender_written(&out, in);
  for (size_t i = 0; i < out.len; i++) assert((unsigned char)out.s[i] >= ' ' && out.s[i] != 127);
  list_sender_read(&out, in);
  assert(out.len <= size);
  return 0;
}
