/* .dir-control: what is read is written as the same; adding leads from one directory to another, and out of none. */

#include "bytes.h"
#include "fuzz.h"

#include "dir_control.h"

static void written_and_read(struct dir_control const *c)
{
  static stralloc text = STRALLOC_ZERO, second = STRALLOC_ZERO;
  struct dir_control again;
  size_t line;
  text.len = second.len = 0;
  assert(dir_control_format(&text, c) && dir_control_parse(&again, &line, text.s, text.len));
  assert(!strcmp(c->dir, again.dir) && dir_control_format(&second, &again));
  assert(same_bytes(text.s, text.len, second.s, second.len));
}

static void freed(struct part in)
{
  static stralloc text = STRALLOC_ZERO;
  char dir[DIR_CONTROL_DIR];
  assert(bytes_setb(&text, in.s, in.len));
  size_t left = text.len;
  while (dir_control_take_free(&text, dir)) {
    assert(dir_control_is_dir(dir, strlen(dir)) && text.len < left);
    left = text.len;
  }
  assert(dir_control_add_free(&text, "0/z") && dir_control_take_free(&text, dir) && !strcmp(dir, "0/z"));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct dir_control c;
  size_t line;
  freed(in);
  if (!dir_control_parse(&c, &line, in.s, in.len)) {
    assert(line >= 1 && line <= 9);
    return 0;
  }
  written_and_read(&c);
  for (int i = 0; i < 1000; i++) {
    dir_control_add(&c);
    assert(!*c.dir || dir_control_is_dir(c.dir, strlen(c.dir)));
  }
  written_and_read(&c);
  return 0;
}
