#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/fmtscan.h>
#include <skalibs/sha256.h>

#include "send_hash.h"
#include "send_log.h"

/* Nothing else is done meanwhile, so it must not take seconds. */
enum { HASHED_MAX = 64 << 20, BLOCK = 65536, DIGEST = 32 };

static bool digest_of(char digest[DIGEST], struct queue_message const *q)
{
  static char block[BLOCK];
  SHA256Schedule work;
  sha256_init(&work);
  for (uint64_t at = 0; at < q->message_len;) {
    uint64_t left = q->message_len - at;
    ssize_t n = pread(q->fd, block, left < BLOCK ? (size_t)left : BLOCK, (off_t)at);
    if (n == -1 && errno == EINTR) continue;
    if (n <= 0) return false;
    sha256_update(&work, block, (size_t)n);
    at += (uint64_t)n;
  }
  sha256_final(&work, digest);
  return true;
}

void hash_log(struct queue_message const *q)
{
  unsigned long long id = q->id;
  char digest[DIGEST], text[2 * DIGEST + 1];
  if (q->message_len > HASHED_MAX) {
    log_line("hash msg %llu: too large", id);
    return;
  }
  errno = EIO;
  if (!digest_of(digest, q)) {
    log_line("hash msg %llu: unable to read it: %s", id, strerror(errno));
    return;
  }
  text[ucharn_fmt(text, digest, DIGEST)] = 0;
  log_line("hash msg %llu: sha256 %s", id, text);
}
