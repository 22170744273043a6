/* What a POP3 client sends: lines, verbs, numbers, the names of files in a Maildir. How the bytes arrive must
   not matter. */

#include <setjmp.h>

#include "fuzz.h"

#include "command.h"
#include "mailbox.h"
#include "maildir_name.h"
#include "number.h"

static jmp_buf end;
static struct net net;
static struct { size_t verbs, bytes; uint64_t numbers; } seen;

static void lost(struct net *n, enum net_loss loss)
{
  (void)n;
  longjmp(end, (int)loss + 1);
}

static void take_argument(char *argument, size_t len)
{
  uint64_t number;
  assert(number_scan(argument, len, &number) <= len);
  seen.verbs++;
  seen.bytes += len;
  seen.numbers += number;
  explicit_bzero(argument, len);
}

static struct verb const verbs[] = {
  { "RETR", take_argument, 1,             "-ERR",      VERB_ARGUMENT },
  { "STAT", take_argument, 1,             "-ERR",      0 },
  { "PASS", take_argument, 2,             "-ERR user", VERB_ARGUMENT },
  { 0,      take_argument, VERB_ANYWHERE, 0,           0 }
};

static void hold(int in, size_t read_max)
{
  static int const state = 1;
  static int out = -1;
  if (out == -1) out = file_new();
  memset(&seen, 0, sizeof seen);
  assert(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0);
  net_init(&net, in, out, 600, 0, lost);
  net.read_max = read_max;
  if (!setjmp(end)) converse(&net, verbs, &state);
}

static void check_name(struct part in)
{
  char uid[UID_MAX];
  char *name = strndup(in.len ? in.s : "", in.len);
  uint64_t number;
  name_arrived(name, &number);
  maildir_name_size(name, strcspn(name, ":"), &number);
  assert(name_uid(uid, name) <= UID_MAX);
  free(name);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static int in = -1;
  struct part text = whole(data, size);
  if (in == -1) in = file_new();
  file_fill(in, text.s, text.len);
  hold(in, sizeof net.input);
  size_t verbs_seen = seen.verbs, bytes = seen.bytes;
  uint64_t numbers = seen.numbers;
  hold(in, 1);
  assert(seen.verbs == verbs_seen && seen.bytes == bytes && seen.numbers == numbers);
  check_name(text);
  return 0;
}
