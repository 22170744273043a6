/* Answers of a hostile name server to all that dns_mx asks, by a first byte with proofs or without: for each a byte that tells how
   the question ended, two bytes of length, the packet. */

#define CARES_NO_DEPRECATED
#include <ares.h>

#include "fuzz.h"

static void answer_at_once(ares_channel, char const *name, int class, int type, ares_callback, void *arg);
static void answer_with_proof(ares_channel, unsigned char const *question, int len, ares_callback, void *arg);
#define ares_query answer_at_once
#define ares_send answer_with_proof
#include "dns.c"

static struct part answers;

static void answer_at_once(ares_channel c, char const *name, int class, int type, ares_callback tell, void *arg)
{
  static int const endings[] = {
    ARES_SUCCESS, ARES_SUCCESS, ARES_SUCCESS, ARES_ENODATA, ARES_ENOTFOUND, ARES_ESERVFAIL
  };
  (void)c, (void)name, (void)class, (void)type;
  int status = answers.len ? endings[part_byte(&answers) % (sizeof endings / sizeof *endings)] : ARES_ECONNREFUSED;
  size_t len = part_byte(&answers);
  len += 256 * part_byte(&answers);
  if (len > answers.len) len = answers.len;
  /* A block of its own, so that reading behind the packet is seen. */
  unsigned char *packet = malloc(len);
  if (len) memcpy(packet, answers.s, len);
  answers.s += len;
  answers.len -= len;
  tell(arg, status, 0, packet, (int)len);
  free(packet);
}

static void answer_with_proof(ares_channel c, unsigned char const *question, int len, ares_callback tell, void *arg)
{
  assert(len > 3 && question[3] & 0x20);
  answer_at_once(c, 0, 0, 0, tell, arg);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static struct dns_addresses found = DNS_ADDRESSES_ZERO;
  answers = whole(data, size);
  proves = answers.len && part_byte(&answers) & 1;
  enum dns_result r = dns_mx(&found, "example.org");
  size_t count = genalloc_len(struct dns_address, &found.list), names = genalloc_len(char *, &found.names);
  struct dns_address const *a = genalloc_s(struct dns_address const, &found.list);
  assert(!unanswered && (r == DNS_OK) == (count > 0) && count <= DNS_ADDRESSES_MAX);
  assert(genalloc_len(char *, &found.canonicals) == names);
  for (size_t i = 0; i < count; i++) assert(a[i].host < names && (!i || a[i - 1].preference <= a[i].preference));
  for (size_t i = 0; i < count; i++) assert(proves || (!a[i].proven && !genalloc_s(char *, &found.canonicals)[a[i].host]));
  dns_addresses_free(&found);
  return 0;
}
