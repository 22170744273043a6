#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <skalibs/djbunix.h>
#include <skalibs/sha256.h>
#include <skalibs/strerr.h>

#include "auth_wire.h"
#include "base64.h"
#include "decoy.h"
#include "replace.h"

#define KEY_FILE AUTH_PLACE "/decoy"

enum { KEY = 32, SALT = 12, DIGEST = 32 };

static char key[KEY];

static void key_draw(void)
{
  struct replacement r = REPLACEMENT_ZERO;
  if (getrandom(key, KEY, 0) != KEY) strerr_diefusys(111, "get random bytes");
  if (!replace_begin(&r, KEY_FILE, KEY_FILE ".new", 0600) || !replace_write(&r, key, KEY) || !replace_commit(&r))
    strerr_diefusys(111, r.doing, r.what);
}

void decoy_make(void)
{
  errno = 0;
  ssize_t n = openreadnclose(KEY_FILE, key, KEY);
  if (n == KEY) return;
  if (n == -1 && errno != ENOENT) strerr_diefusys(111, "read ", KEY_FILE);
  key_draw();
}

struct field decoy_salt(struct field login)
{
  static char text[BASE64_LEN(SALT)];
  char digest[DIGEST];
  SHA256Schedule work = SHA256_INIT();
  sha256_update(&work, key, KEY);
  sha256_update(&work, login.s, login.len);
  sha256_final(&work, digest);
  return (struct field){ text, base64_encode(text, digest, SALT) };
}
