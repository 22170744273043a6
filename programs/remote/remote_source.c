#include "remote_fold.h"
#include "remote_source.h"

enum { BLOCK = 32768 };     /* bytes of a message that are read at once */

static struct message const *message;
static char block[BLOCK];

/* ---- as it is ---- */

static bool plain_begin(void)
{
  return message_rewind(message);
}

static ssize_t plain_next(char const **piece)
{
  *piece = block;
  return message_read(message, block, sizeof block);
}

static struct smtp_source const plain = { plain_begin, plain_next };

/* ---- folded ---- */

static struct fold fold;
static bool at_end;

static bool folded_begin(void)
{
  static char header[FOLD_HEADER_MAX];
  if (!message_rewind(message)) return false;
  ssize_t r = message_head(message, header, sizeof header);
  if (r == -1) return false;
  fold_begin(&fold, header, (size_t)r);
  at_end = false;
  return true;
}

static ssize_t folded_next(char const **piece)
{
  static char lines[2 * BLOCK + 2 * FOLD_LINE_MAX];
  size_t len = 0;
  *piece = lines;
  while (!len && !at_end) {
    ssize_t r = message_read(message, block, sizeof block);
    if (r == -1) return -1;
    at_end = r == 0;
    len = at_end ? fold_end(&fold, lines) : fold_text(&fold, lines, block, (size_t)r);
  }
  return (ssize_t)len;
}

static struct smtp_source const folded = { folded_begin, folded_next };

/* ---- which ---- */

struct smtp_source const *source_of(struct message const *m, bool folds)
{
  message = m;
  return folds && m->long_lines ? &folded : &plain;
}

/* Two lines one after the other are together longer than what is folded. */
static uint64_t room_for_folds(struct message const *m)
{
  return 2 * (2 * m->size / FOLD_LINE_MAX + 1);
}

uint64_t source_size(struct message const *m, bool folds)
{
  if (!m->seekable) return 0;
  return m->size + (folds && m->long_lines ? room_for_folds(m) : 0);
}
