/* Four control files, one of each kind, with a NUL between them. */

#include "fuzz.h"

#include "control.h"
#include "nameset.h"

enum { FILES = 4 };

static stralloc line = STRALLOC_ZERO;
static unsigned long number;
static struct nameset names = NAMESET_ZERO, map = NAMESET_ZERO;

static struct control const controls[] = {
  { "line",   CONTROL_LINE,   &line,   CONTROL_ME },
  { "number", CONTROL_NUMBER, &number, "1200" },
  { "names",  CONTROL_NAMES,  &names,  0 },
  { "map",    CONTROL_MAP,    &map,    0 },
  { 0 }
};

static int files[FILES];

static void make_files(void)
{
  char path[64];
  place_enter("control");
  for (int i = 0; i < FILES; i++) {
    files[i] = file_new();
    snprintf(path, sizeof path, "control/%s", controls[i].file);
    place_file(path, files[i]);
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part rest = whole(data, size);
  char const *culprit;
  if (!files[0]) make_files();
  for (int i = 0; i < FILES; i++) {
    struct part file = part_before(&rest, 0);
    file_fill(files[i], file.s, file.len);
  }
  assert(control_load(controls, &culprit));
  assert(!holds(line.s, line.len, '\n'));
  assert(!line.len || (line.s[line.len - 1] != ' ' && line.s[line.len - 1] != '\t'));
  return 0;
}
