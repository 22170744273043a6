#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <skalibs/sha256.h>

#include "tokens.h"

struct session_token {
  char digest[TOKEN_DIGEST];
  int64_t made, used;           /* made 0: free */
  struct token_owner owner;
};

static struct session_token *tokens = 0;
static int table = -1;

bool tokens_share(void)
{
  size_t const size = TOKENS_MAX * sizeof *tokens;
  table = memfd_create("tokens", MFD_CLOEXEC);
  if (table == -1 || ftruncate(table, (off_t)size) == -1) return false;
  void *shared = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, table, 0);
  if (shared == MAP_FAILED) return false;
  tokens = shared;
  return true;
}

/* ---- one at a time ---- */

/* A lock of the process, which ends with it, however it ends. */
static bool lock(short kind)
{
  struct flock whole = { .l_type = kind, .l_whence = SEEK_SET };
  int r;
  do r = fcntl(table, F_SETLKW, &whole);
  while (r == -1 && errno == EINTR);
  return r == 0;
}

static void leave(void)
{
  lock(F_UNLCK);
}

/* ---- looking ---- */

static void digest_of(char digest[TOKEN_DIGEST], struct field text)
{
  SHA256Schedule work = SHA256_INIT();
  sha256_update(&work, text.s, text.len);
  sha256_final(&work, digest);
}

static bool is_over(struct session_token const *t, int64_t now)
{
  return !t->made || now - t->used >= TOKEN_IDLE_MS || now - t->made >= TOKEN_LIFE_MS;
}

/* How long the comparing takes tells of the digest, which nobody chooses. */
static struct session_token *find(struct field text)
{
  char digest[TOKEN_DIGEST];
  digest_of(digest, text);
  for (struct session_token *t = tokens; t < tokens + TOKENS_MAX; t++)
    if (t->made && memcmp(t->digest, digest, sizeof digest) == 0) return t;
  return 0;
}

static bool is_of(struct session_token const *t, struct token_owner const *owner)
{
  return t->owner.len == owner->len && memcmp(t->owner.name, owner->name, owner->len) == 0;
}

static void keep_older(struct session_token **oldest, struct session_token *t)
{
  if (!*oldest || t->used < (*oldest)->used) *oldest = t;
}

/* The place of his own that was left alone longest when he has his share; else of one that is over, or was left alone longest. */
static struct session_token *place_find(struct token_owner const *owner, int64_t now)
{
  struct session_token *over = 0, *oldest = 0, *his = 0;
  size_t count = 0;
  for (struct session_token *t = tokens; t < tokens + TOKENS_MAX; t++) {
    if (is_over(t, now)) {
      over = t;
      continue;
    }
    keep_older(&oldest, t);
    if (!is_of(t, owner)) continue;
    keep_older(&his, t);
    count++;
  }
  return count >= TOKENS_OF_ONE_MAX ? his : over ? over : oldest;
}

/* ---- what is done ---- */

static bool text_make(char text[TOKEN_TEXT])
{
  static char const digits[] = "0123456789abcdef";
  unsigned char random[TOKEN_TEXT / 2];
  if (getrandom(random, sizeof random, 0) != sizeof random) return false;
  for (size_t i = 0; i < sizeof random; i++) {
    text[2 * i] = digits[random[i] >> 4];
    text[2 * i + 1] = digits[random[i] & 15];
  }
  return true;
}

static void fill(struct token_owner *owner, struct field user, struct field domain, struct field stored)
{
  owner->len = user.len + 1 + domain.len;
  memcpy(owner->name, user.s, user.len);
  owner->name[user.len] = '@';
  memcpy(owner->name + user.len + 1, domain.s, domain.len);
  digest_of(owner->stored, stored);
}

/* It is there when it is whole: a process that is killed in between leaves a free place. */
bool token_make(char text[TOKEN_TEXT], struct field user, struct field domain, struct field stored, int64_t now)
{
  struct token_owner owner;
  if (!tokens || !user.len || user.len + domain.len >= TOKEN_NAME_MAX || !text_make(text)) return false;
  fill(&owner, user, domain, stored);
  if (!lock(F_WRLCK)) return false;
  struct session_token *t = place_find(&owner, now);
  t->made = 0;
  t->owner = owner;
  digest_of(t->digest, (struct field){ text, TOKEN_TEXT });
  t->used = now;
  t->made = now ? now : 1;
  leave();
  return true;
}

bool token_find(struct token_owner *owner, struct field text, int64_t now)
{
  if (!tokens || text.len != TOKEN_TEXT || !lock(F_WRLCK)) return false;
  struct session_token *t = find(text);
  bool good = t && !is_over(t, now);
  if (good) {
    t->used = now;
    *owner = t->owner;
  }
  leave();
  return good;
}

bool token_is_good(struct token_owner const *owner, struct field stored)
{
  char digest[TOKEN_DIGEST];
  digest_of(digest, stored);
  return memcmp(digest, owner->stored, sizeof digest) == 0;
}

bool token_forget(struct field text)
{
  if (!tokens || text.len != TOKEN_TEXT || !lock(F_WRLCK)) return false;
  struct session_token *t = find(text);
  if (t) explicit_bzero(t, sizeof *t);
  leave();
  return t;
}
