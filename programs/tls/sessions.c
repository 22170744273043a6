#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sessions.h"

enum { SLOTS = 256, ROOM = 8192, KEY = 32, SECONDS_MAX = 7200 };

/* A slot is written and read under a lock of its own, which ends with the process that has it. Who finds it locked does
   without. */
struct slot {
  unsigned char key[KEY];
  time_t since;
  size_t len;                   /* 0: empty */
  unsigned char session[ROOM];
};

static struct slot *slots;
static int file = -1;
static unsigned char mine[KEY];

/* ---- the place ---- */

static size_t place_of(unsigned char const key[KEY])
{
  return (size_t)(key[0] | key[1] << 8) % SLOTS;
}

static bool lock(size_t place, short type)
{
  struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)(place * sizeof *slots), .l_len = 1 };
  return fcntl(file, F_SETLK, &l) == 0;
}

static bool key_of(unsigned char key[KEY], struct tls_question const *q, int network)
{
  static char bytes[sizeof (struct sockaddr_storage) + TLS_QUESTION_MAX];
  struct tls_question same = *q;
  struct sockaddr_storage peer = { 0 };
  socklen_t len = sizeof peer;
  same.ms = 0;
  if (getpeername(network, (struct sockaddr *)&peer, &len) == -1) return false;
  memcpy(bytes, &peer, sizeof peer);
  size_t question = tls_question_pack(bytes + sizeof peer, &same);
  return question && EVP_Digest(bytes, sizeof peer + question, key, 0, EVP_sha256(), 0) == 1;
}

/* ---- keeping ---- */

static void write_slot(struct slot *s, SSL_SESSION *session, int len)
{
  unsigned char *to = s->session;
  s->len = 0;
  memcpy(s->key, mine, KEY);
  s->since = time(0);
  if (i2d_SSL_SESSION(session, &to) == len) s->len = (size_t)len;
}

/* Called by the library, with TLS 1.3 some time after the handshake. */
static int keep(SSL *ssl, SSL_SESSION *session)
{
  (void)ssl;
  int len = i2d_SSL_SESSION(session, 0);
  size_t place = place_of(mine);
  if (len <= 0 || len > ROOM || !lock(place, F_WRLCK)) return 0;
  write_slot(slots + place, session, len);
  lock(place, F_UNLCK);
  return 0;
}

/* ---- coming back ---- */

/* A ticket of TLS 1.3 is used once: two connections with the same one could be told to be of the same host. */
static SSL_SESSION *take(struct slot *s)
{
  unsigned char const *from = s->session;
  time_t now = time(0);
  if (!s->len || s->len > ROOM || memcmp(s->key, mine, KEY) != 0 || now < s->since || now - s->since > SECONDS_MAX) return 0;
  SSL_SESSION *session = d2i_SSL_SESSION(0, &from, (long)s->len);
  if (session && SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION) s->len = 0;
  return session;
}

void sessions_offer(SSL *ssl, struct tls_question const *q, int network)
{
  if (!key_of(mine, q, network) || !lock(place_of(mine), F_WRLCK)) return;
  SSL_SESSION *session = take(slots + place_of(mine));
  lock(place_of(mine), F_UNLCK);
  if (session) SSL_set_session(ssl, session);
  SSL_SESSION_free(session);
}

bool sessions_set_up(SSL_CTX *context)
{
  file = memfd_create("sessions", MFD_CLOEXEC);
  if (file == -1 || ftruncate(file, (off_t)(SLOTS * sizeof *slots)) == -1) return false;
  slots = mmap(0, SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (slots == MAP_FAILED) return false;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep);
  return true;
}
