#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

#include "tickets.h"

enum { NAME = 16, KEY = 32, IV = 16 };

struct key {
  unsigned char name[NAME], cipher[KEY], mac[KEY];
};

/* [0] seals; [1] did in the period before. One with a name of zeros is none. */
static struct key keys[2];
static time_t turned;

bool tickets_turn(time_t now)
{
  struct key next;
  if (turned && now - turned < TICKETS_PERIOD) return true;
  if (RAND_priv_bytes((unsigned char *)&next, sizeof next) != 1) return false;
  keys[1] = turned && now - turned < 2 * TICKETS_PERIOD ? keys[0] : (struct key){ .name = { 0 } };
  keys[0] = next;
  OPENSSL_cleanse(&next, sizeof next);
  turned = now;
  return true;
}

static bool set_up(struct key *key, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
  char digest[] = "SHA256";
  OSSL_PARAM const of_mac[] = {
    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_end()
  };
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), 0, key->cipher, iv, sealing) == 1
      && EVP_MAC_CTX_set_params(mac, of_mac) == 1;
}

static int seal(unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
  memcpy(name, keys[0].name, NAME);
  return RAND_bytes(iv, IV) == 1 && set_up(keys, iv, cipher, mac, 1) ? 1 : -1;
}

/* 1: it is good; 2: and a new one is due. With TLS 1.3 a client uses each once. */
static int open_ticket(SSL *ssl, unsigned char const *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
  bool once = SSL_version(ssl) >= TLS1_3_VERSION;
  static unsigned char const none[NAME];
  for (int i = 0; i < 2; i++)
    if (memcmp(keys[i].name, none, NAME) != 0 && memcmp(keys[i].name, name, NAME) == 0)
      return set_up(keys + i, iv, cipher, mac, 0) ? 1 + (i || once) : -1;
  return 0;
}

static int ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
  return sealing ? seal(name, iv, cipher, mac) : open_ticket(ssl, name, iv, cipher, mac);
}

void tickets_use(SSL_CTX *context)
{
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket);
}
