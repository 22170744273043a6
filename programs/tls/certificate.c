#include <errno.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "certificate.h"

enum { STAPLE_MAX = 65536 };    /* bytes of an OCSP response */

/* ---- its files ---- */

static bool stamp(struct certificate_stamp *s, char const *path)
{
  struct stat st;
  *s = (struct certificate_stamp){ 0 };
  if (stat(path, &st) == -1) return false;
  s->device = st.st_dev;
  s->inode = st.st_ino;
  s->size = st.st_size;
  s->changed = st.st_ctim;
  return true;
}

static bool is_path(char *to, char const *directory, char const *stem, char const *end)
{
  int n = snprintf(to, CERTIFICATE_PATH, "%s/%s%s", directory, stem, end);
  return n > 0 && n < CERTIFICATE_PATH;
}

bool certificate_find(struct certificate *c, char const *directory, char const *stem)
{
  *c = (struct certificate){ 0 };
  errno = ENOENT;
  if (strlen(stem) > TLS_NAME_MAX) return false;
  strcpy(c->stem, stem);
  if (!is_path(c->path[OF_CHAIN], directory, stem, ".pem") || !is_path(c->path[OF_KEY], directory, stem, ".key")
      || !is_path(c->path[OF_STAPLE], directory, stem, ".ocsp") || !stamp(c->stamp + OF_CHAIN, c->path[OF_CHAIN])) return false;
  if (!stamp(c->stamp + OF_KEY, c->path[OF_KEY])) strcpy(c->path[OF_KEY], c->path[OF_CHAIN]);
  stamp(c->stamp + OF_STAPLE, c->path[OF_STAPLE]);
  return true;
}

static bool is_same(struct certificate_stamp const *a, struct certificate_stamp const *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size
      && a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

bool certificate_is_as(struct certificate const *c, struct certificate const *before)
{
  for (int i = 0; i < CERTIFICATE_FILES; i++)
    if (!is_same(c->stamp + i, before->stamp + i)) return false;
  return true;
}

/* ---- its names ---- */

/* What cannot be a name, or has no room, is left out. */
static void add_name(struct certificate *c, char const *s, size_t len)
{
  char name[TLS_NAME_MAX + 1];
  if (c->count == CERTIFICATE_NAMES || !certificate_name(name, s, len)) return;
  c->names[c->count] = strdup(name);
  if (c->names[c->count]) c->count++;
}

static void add_names_of(struct certificate *c, X509 *leaf)
{
  GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, 0, 0);
  for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
    GENERAL_NAME const *name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_DNS)
      add_name(c, (char const *)ASN1_STRING_get0_data(name->d.dNSName), (size_t)ASN1_STRING_length(name->d.dNSName));
  }
  GENERAL_NAMES_free(all);
}

/* ---- the response that is stapled to it ---- */

/* An expired one is worse than none: good clients turn away. */
static bool is_response_in_date(OCSP_RESPONSE *response)
{
  ASN1_GENERALIZEDTIME *this_update, *next_update;
  OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
  OCSP_SINGLERESP *single = basic ? OCSP_resp_get0(basic, 0) : 0;
  int status = single ? OCSP_single_get0_status(single, 0, 0, &this_update, &next_update) : -1;
  bool good = status == V_OCSP_CERTSTATUS_GOOD && next_update && OCSP_check_validity(this_update, next_update, 300, -1) == 1;
  OCSP_BASICRESP_free(basic);
  return good;
}

static bool is_good_response(struct certificate const *c)
{
  unsigned char const *s = c->staple;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(0, &s, c->staple_len);
  bool good = response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL && is_response_in_date(response);
  OCSP_RESPONSE_free(response);
  return good;
}

static void load_staple(struct certificate *c)
{
  FILE *f = fopen(c->path[OF_STAPLE], "re");
  if (!f) return;
  c->staple = malloc(STAPLE_MAX);
  c->staple_len = c->staple ? (long)fread(c->staple, 1, STAPLE_MAX, f) : 0;
  fclose(f);
  if (c->staple_len && is_good_response(c)) return;
  free(c->staple);
  c->staple = 0;
}

/* Looked at once more: it may have grown old since it was loaded. */
static int staple(SSL *ssl, void *certificate)
{
  struct certificate const *c = certificate;
  if (!is_good_response(c)) return SSL_TLSEXT_ERR_NOACK;
  unsigned char *copy = OPENSSL_memdup(c->staple, (size_t)c->staple_len);
  if (!copy) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, c->staple_len);
  return SSL_TLSEXT_ERR_OK;
}

/* ---- loading ---- */

static int no_passphrase(char *to, int size, int writing, void *data)
{
  (void)to, (void)size, (void)writing, (void)data;
  return 0;
}

static char const *of_library(char const *otherwise)
{
  char const *why = ERR_reason_error_string(ERR_peek_last_error());
  return why ? why : otherwise;
}

static char const *load_files(struct certificate *c)
{
  ERR_clear_error();
  SSL_CTX_set_default_passwd_cb(c->context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(c->context, c->path[OF_CHAIN]) != 1) return of_library("no certificate");
  if (SSL_CTX_use_PrivateKey_file(c->context, c->path[OF_KEY], SSL_FILETYPE_PEM) != 1) return of_library("no key");
  return SSL_CTX_check_private_key(c->context) == 1 ? 0 : of_library("the key is another certificate's");
}

char const *certificate_load(struct certificate *c, SSL_CTX *(*new_context)(void))
{
  c->context = new_context();
  c->names = calloc(CERTIFICATE_NAMES, sizeof *c->names);
  if (!c->context || !c->names) return certificate_free(c), "out of memory";
  char const *why = load_files(c);
  if (why) return certificate_free(c), why;
  add_name(c, c->stem, strlen(c->stem));
  add_names_of(c, SSL_CTX_get0_certificate(c->context));
  load_staple(c);
  if (!c->staple) return 0;
  SSL_CTX_set_tlsext_status_cb(c->context, staple);
  SSL_CTX_set_tlsext_status_arg(c->context, c);
  return 0;
}

bool certificate_is_in_date(struct certificate const *c)
{
  X509 const *leaf = SSL_CTX_get0_certificate(c->context);
  return X509_cmp_current_time(X509_get0_notBefore(leaf)) < 0 && X509_cmp_current_time(X509_get0_notAfter(leaf)) > 0;
}

void certificate_free(struct certificate *c)
{
  for (size_t i = 0; i < c->count; i++) free(c->names[i]);
  free(c->names);
  free(c->staple);
  SSL_CTX_free(c->context);
  c->context = 0;
  c->names = 0;
  c->count = 0;
  c->staple = 0;
}
