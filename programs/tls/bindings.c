#include <openssl/evp.h>
#include <openssl/x509.h>

#include "bindings.h"

enum { EXPORTER = 32 };
#define LABEL "EXPORTER-Channel-Binding"

static void exporter(struct tls_answer *a, SSL *ssl)
{
  static unsigned char bytes[EXPORTER];
  if (SSL_version(ssl) < TLS1_3_VERSION) return;
  if (SSL_export_keying_material(ssl, bytes, sizeof bytes, LABEL, sizeof LABEL - 1, 0, 0, 0) != 1) return;
  a->exporter = (struct field){ (char *)bytes, sizeof bytes };
}

/* Weak digests are replaced by SHA-256. */
static void endpoint(struct tls_answer *a, X509 *certificate)
{
  static unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned len;
  int digest;
  if (!certificate || !X509_get_signature_info(certificate, &digest, 0, 0, 0) || digest == NID_undef) return;
  if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
  EVP_MD const *by = EVP_get_digestbynid(digest);
  if (by && X509_digest(certificate, by, bytes, &len) == 1) a->endpoint = (struct field){ (char *)bytes, len };
}

void bindings_tell(struct tls_answer *a, SSL *ssl, X509 *of_server)
{
  exporter(a, ssl);
  endpoint(a, of_server);
}
