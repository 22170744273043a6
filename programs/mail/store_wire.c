#include <string.h>

#include "netstrings.h"
#include "parts.h"
#include "store_wire.h"

static char const *const words[STORE_WORDS] = {
  [STORE_SAYS_FIND] = "find", [STORE_SAYS_LIST] = "list", [STORE_SAYS_EDIT] = "edit", [STORE_SAYS_ADD] = "add",
  [STORE_SAYS_CHANGE] = "change", [STORE_SAYS_ALTER] = "alter", [STORE_SAYS_REMOVE] = "remove",
  [STORE_SAYS_RECORD] = "record", [STORE_SAYS_DONE] = "done", [STORE_SAYS_NO_USER] = "no user",
  [STORE_SAYS_EXISTS] = "exists", [STORE_SAYS_UNFIT] = "unfit", [STORE_SAYS_TROUBLE] = "trouble",
  [STORE_SAYS_LATELY] = "lately"
};

/* An empty clear password is another thing than none. */
enum { WORD, NUMBER, DOMAIN, FIELDS, DROPPED, NAME, HASH, UID, FLAGS, COMMENT, DIR, QUOTA, HAS_CLEAR, CLEAR, PARTS };
enum { STAYS = '+' };

size_t store_frame_pack(char to[STORE_FRAME_MAX], struct store_frame const *f)
{
  struct vpasswd const *r = &f->edit.record;
  char numbers[5][PART_DIGITS];
  struct field const parts[PARTS] = {
    [WORD] = field_of(words[f->word]), [NUMBER] = part_number(numbers[0], f->number), [DOMAIN] = f->domain,
    [FIELDS] = part_number(numbers[1], f->edit.fields), [DROPPED] = part_number(numbers[2], f->edit.flags_dropped),
    [NAME] = r->name, [HASH] = r->hash, [UID] = part_number(numbers[3], r->uid),
    [FLAGS] = part_number(numbers[4], r->flags), [COMMENT] = r->comment, [DIR] = r->dir, [QUOTA] = r->quota,
    [HAS_CLEAR] = field_of(r->has_clear ? "1" : "0"), [CLEAR] = r->clear
  };
  to[0] = STAYS;
  size_t const len = netstrings_pack(to + f->stays, STORE_FRAME_MAX - f->stays, parts, PARTS);
  return len ? len + f->stays : 0;
}

static bool take_numbers(struct store_frame *f, struct field const parts[PARTS])
{
  uint32_t fields, has_clear;
  bool taken = part_number_read(&f->number, parts[NUMBER]) && part_number_read(&fields, parts[FIELDS])
    && part_number_read(&f->edit.flags_dropped, parts[DROPPED]) && part_number_read(&f->edit.record.uid, parts[UID])
    && part_number_read(&f->edit.record.flags, parts[FLAGS]) && part_number_read(&has_clear, parts[HAS_CLEAR]) && has_clear <= 1;
  if (!taken) return false;
  f->edit.fields = fields;
  f->edit.record.has_clear = has_clear;
  return true;
}

static enum store_deed deed_of(enum store_word word)
{
  return word >= STORE_SAYS_ADD && word <= STORE_SAYS_REMOVE ? STORE_ADD + (word - STORE_SAYS_ADD) : STORE_ADD;
}

long store_frame_unpack(struct store_frame *f, char const *s, size_t len)
{
  struct field parts[PARTS];
  bool const stays = len && s[0] == STAYS;
  long n = netstrings_unpack(parts, PARTS, s + stays, len - stays, STORE_FRAME_MAX - stays);
  if (n <= 0) return n;
  size_t const word = part_word_find(words, STORE_WORDS, parts[WORD]);
  struct store_frame read = {
    .stays = stays, .domain = parts[DOMAIN],
    .edit.record = { .name = parts[NAME], .hash = parts[HASH], .comment = parts[COMMENT], .dir = parts[DIR],
                     .quota = parts[QUOTA], .clear = parts[CLEAR] }
  };
  if (word == STORE_WORDS || !take_numbers(&read, parts)) return -1;
  read.word = (enum store_word)word;
  read.edit.deed = deed_of(read.word);
  *f = read;
  return n + stays;
}
