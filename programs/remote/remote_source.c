#include "remote_fold.h"
#include "remote_seven.h"
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

/* ---- in 7 bits ---- */

static struct seven seven;
static stralloc written = STRALLOC_ZERO;
static uint64_t seven_size;

/* The next of it, or nothing at its end. -1 errno. */
static ssize_t seven_next(char const **piece)
{
  written.len = 0;
  while (!written.len && !at_end) {
    ssize_t r = message_read(message, block, sizeof block);
    if (r == -1) return -1;
    at_end = r == 0;
    if (at_end ? !seven_end(&seven, &written) : !seven_text(&seven, &written, block, (size_t)r)) return -1;
  }
  *piece = written.s;
  return (ssize_t)written.len;
}

static bool read_seven(void (*begin)(struct seven *))
{
  at_end = false;
  begin(&seven);
  return message_rewind(message);
}

static bool seven_begin(void)
{
  return read_seven(seven_write);
}

/* Each line end will be two bytes. */
static bool measure_seven(void)
{
  char const *piece;
  ssize_t r;
  seven_size = 0;
  if (!seven_begin()) return false;
  while ((r = seven_next(&piece)) > 0)
    for (ssize_t i = 0; i < r; i++) seven_size += 1 + (piece[i] == '\n');
  return r == 0;
}

static bool learn(struct message const *m)
{
  char const *piece;
  message = m;
  return read_seven(seven_learn) && seven_next(&piece) == 0;
}

bool source_learn_header(struct message const *m, bool *wide)
{
  if (!learn(m)) return false;
  *wide = seven.header_is_wide;
  return true;
}

bool source_learn_seven(struct message const *m, char const **problem)
{
  if (!learn(m)) return false;
  *problem = seven.problem;
  return *problem || measure_seven();
}

static struct smtp_source const in_seven = { seven_begin, seven_next };

/* ---- which ---- */

struct smtp_source const *source_of(struct message const *m, enum source_form form)
{
  message = m;
  if (form == SOURCE_SEVEN) return &in_seven;
  return form == SOURCE_FOLDED && m->long_lines ? &folded : &plain;
}

/* Two lines one after the other are together longer than what is folded. */
static uint64_t room_for_folds(struct message const *m)
{
  return 2 * (2 * m->size / FOLD_LINE_MAX + 1);
}

uint64_t source_size(struct message const *m, enum source_form form)
{
  if (!m->seekable) return 0;
  if (form == SOURCE_SEVEN) return seven_size;
  return m->size + (form == SOURCE_FOLDED && m->long_lines ? room_for_folds(m) : 0);
}
