/* A message of an old queue: locals, virtualdomains and the begin of the message with a NUL behind each; a
   byte that tells which of todo, local and remote there are; then info and each of these: a byte of length,
   the bytes. What is accepted makes a valid envelope, in which local recipients still lead to the mailboxes
   they meant. */

#include "bytes.h"
#include "fuzz.h"

#include <fcntl.h>

#include "queue_message.h"
#include "takeover_envelope.h"
#include "takeover_write.h"

static struct route_table routes;

static void load(struct part *rest)
{
  struct part locals = part_before(rest, 0), domains = part_before(rest, 0);
  assert(bytes_set(&routes.envnoathost, "h"));
  assert(nameset_list(&routes.locals, locals.s, locals.len));
  assert(nameset_map(&routes.virtualdomains, domains.s, domains.len));
}

/* ---- the files ---- */

static struct old_file const kinds[] = {
  { 1, OLD_INFO, 0, OLD_UNSPLIT }, { 1, OLD_TODO, 0, OLD_UNSPLIT }, { 1, OLD_LOCAL, 0, OLD_UNSPLIT },
  { 1, OLD_REMOTE, 0, OLD_UNSPLIT }
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int files[KINDS], mess;

static void make_files(void)
{
  char path[OLD_PATH_MAX];
  place_enter("takeover");
  mess = open("mess", O_RDWR | O_CREAT, 0600);
  for (int i = 0; i < KINDS; i++) {
    old_path(path, kinds + i);
    *strrchr(path, '/') = 0;
    assert(mkdir(path, 0700) == 0);
    old_path(path, kinds + i);
    files[i] = open(path, O_RDWR | O_CREAT, 0600);
    assert(mess != -1 && files[i] != -1);
  }
}

static size_t fill_files(struct old_file *present, struct part rest)
{
  size_t count = 0;
  unsigned which = part_byte(&rest) << 1 | 1;
  for (int i = 0; i < KINDS; i++) {
    if (!(which >> i & 1)) continue;
    size_t len = part_byte(&rest);
    if (len > rest.len) len = rest.len;
    file_fill(files[i], rest.s, len);
    present[count++] = kinds[i];
    rest.s += len;
    rest.len -= len;
  }
  return count;
}

/* ---- what must hold ---- */

static void check_received(struct part begin)
{
  uint64_t pid;
  char const *who;
  size_t len;
  if (!old_received(begin.s, begin.len, &pid, &who, &len)) return;
  assert(who >= begin.s && who + len < begin.s + begin.len && !holds(who, len, ')') && !holds(who, len, '\n'));
}

static void check_recipients(struct birth const *b)
{
  static stralloc address = STRALLOC_ZERO, routed = STRALLOC_ZERO;
  struct queue_record r;
  for (size_t at = 0; queue_envelope_next(&b->envelope, &at, &r);) {
    if (old_local_recipient(&routes, &address, r.text, r.len) != 1) continue;
    assert(route(&routes, &routed, address.s, address.len) == CHANNEL_LOCAL);
    assert(same_bytes(routed.s, routed.len, r.text, r.len));
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct birth b = BIRTH_ZERO;
  struct old_file present[KINDS];
  struct part rest = whole(data, size);
  if (!mess) make_files();
  load(&rest);
  struct part begin = part_before(&rest, 0);
  check_received(begin);
  file_fill(mess, begin.s, begin.len);
  struct old_message const m = { 1, present, fill_files(present, rest) };
  b.envelope.len = 0;
  if (!birth_read(&b, &m, "mess", &routes)) return 0;
  assert(queue_envelope_valid(b.envelope.s, b.envelope.len));
  check_recipients(&b);
  return 0;
}
