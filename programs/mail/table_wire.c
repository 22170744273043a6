#include "netstrings.h"
#include "parts.h"
#include "table_wire.h"

static char const *const words[TABLE_WORDS] = {
  [TABLE_SAYS_OPEN] = "open", [TABLE_SAYS_FIND] = "find", [TABLE_SAYS_EACH] = "each", [TABLE_SAYS_COUNT] = "count",
  [TABLE_SAYS_ADD] = "add", [TABLE_SAYS_REMOVE] = "remove", [TABLE_SAYS_LOG] = "log", [TABLE_SAYS_NOTE] = "note",
  [TABLE_SAYS_BEGIN] = "begin", [TABLE_SAYS_COMMIT] = "commit", [TABLE_SAYS_MAKE] = "make", [TABLE_SAYS_DROP] = "drop",
  [TABLE_SAYS_ROW] = "row", [TABLE_SAYS_DONE] = "done", [TABLE_SAYS_UNFIT] = "unfit", [TABLE_SAYS_TROUBLE] = "trouble"
};

enum { WORD, NUMBER, HIGH, TABLE, ADDRESS, TEXT, PARTS };

size_t table_frame_pack(char to[TABLE_FRAME_MAX], struct table_frame const *f)
{
  char numbers[2][PART_DIGITS];
  struct field const parts[PARTS] = {
    [WORD] = field_of(words[f->word]), [NUMBER] = part_number(numbers[0], f->number), [HIGH] = part_number(numbers[1], f->high),
    [TABLE] = f->table, [ADDRESS] = f->address, [TEXT] = f->text
  };
  return netstrings_pack(to, TABLE_FRAME_MAX, parts, PARTS);
}

long table_frame_unpack(struct table_frame *f, char const *s, size_t len)
{
  struct field parts[PARTS];
  long n = netstrings_unpack(parts, PARTS, s, len, TABLE_FRAME_MAX);
  if (n <= 0) return n;
  struct table_frame read = { .table = parts[TABLE], .address = parts[ADDRESS], .text = parts[TEXT] };
  size_t const word = part_word_find(words, TABLE_WORDS, parts[WORD]);
  if (word == TABLE_WORDS || !part_number_read(&read.number, parts[NUMBER]) || !part_number_read(&read.high, parts[HIGH])) return -1;
  read.word = (enum table_word)word;
  *f = read;
  return n;
}
