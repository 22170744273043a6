/* What a filter of spam says, whatever it is: a mark stands in the header alone. The same bytes as a command. */

#include "fuzz.h"

#include "spam_mark.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  bool is_set = spam_mark_is_set(in.s, in.len);
  char const *end = in.len ? memmem(in.s, in.len, "\n\n", 2) : 0;
  assert(!end || is_set == spam_mark_is_set(in.s, (size_t)(end + 1 - in.s)));
  char *words[SPAM_WORDS_MAX + 1], *line = strndup(in.len ? in.s : "", in.len);
  size_t n = spam_mark_words(words, line);
  assert(n <= SPAM_WORDS_MAX && (!n || !words[n]));
  for (size_t i = 0; i < n; i++) assert(*words[i] && !strpbrk(words[i], " \t"));
  free(line);
  return 0;
}
