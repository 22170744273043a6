#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "dns.h"
#include "sts_entry.h"
#include "sts_fetch.h"

enum { FETCH_MS = 10000, ADDRESSES_MAX = 8, HOST_MAX = STS_DOMAIN_MAX + sizeof "mta-sts.", PLACES_MAX = HOST_MAX + ADDRESSES_MAX * (IP46_FMT + 4) };

static CURL *web;       /* one for each policy: it would keep the addresses of all for ever */
static CURLcode ended;
static struct { char *to; size_t len; } policy;

bool fetch_set_up(void)
{
  return curl_global_init(CURL_GLOBAL_ALL) == 0;
}

/* Fewer than it was given ends it. */
static size_t take(char *s, size_t size, size_t count, void *arg)
{
  (void)arg;
  size_t len = size * count;
  if (len > STS_POLICY_MAX - policy.len) return 0;
  memcpy(policy.to + policy.len, s, len);
  policy.len += len;
  return len;
}

/* ---- where ---- */

/* "host:443:address,address": the library would ask by ways of its own, and from a thread. */
static bool places_of(char places[PLACES_MAX], char const *host)
{
  static struct dns_addresses found = DNS_ADDRESSES_ZERO;
  if (dns_host(&found, host) != DNS_OK) return false;
  struct dns_address const *a = genalloc_s(struct dns_address, &found.list);
  size_t count = genalloc_len(struct dns_address, &found.list);
  size_t len = (size_t)snprintf(places, PLACES_MAX, "%s:443:", host);
  for (size_t i = 0; i < count && i < ADDRESSES_MAX; i++) {
    char ip[IP46_FMT + 1];
    ip[ip46_fmt(ip, &a[i].ip)] = 0;
    len += (size_t)snprintf(places + len, PLACES_MAX - len, a[i].ip.is6 ? "%s[%s]" : "%s%s", i ? "," : "", ip);
  }
  return true;
}

/* The library does not look whether it could make the socket one that does not wait; then it would wait for a silent server for ever. */
static int bound(void *arg, curl_socket_t fd, curlsocktype purpose)
{
  struct timeval const most = { .tv_sec = FETCH_MS / 1000 };
  (void)arg, (void)purpose;
  bool const is_bound = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0
                     && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0;
  return is_bound ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static bool set_up(char const *url, struct curl_slist *places)
{
  return !curl_easy_setopt(web, CURLOPT_URL, url) && !curl_easy_setopt(web, CURLOPT_RESOLVE, places)
      && !curl_easy_setopt(web, CURLOPT_PROTOCOLS_STR, "https") && !curl_easy_setopt(web, CURLOPT_FOLLOWLOCATION, 0L)
      && !curl_easy_setopt(web, CURLOPT_PROXY, "") && !curl_easy_setopt(web, CURLOPT_NOSIGNAL, 1L)
      && !curl_easy_setopt(web, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2)
      && !curl_easy_setopt(web, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1)
      && !curl_easy_setopt(web, CURLOPT_SOCKOPTFUNCTION, bound)
      && !curl_easy_setopt(web, CURLOPT_TIMEOUT_MS, (long)FETCH_MS) && !curl_easy_setopt(web, CURLOPT_WRITEFUNCTION, take)
      && !curl_easy_setopt(web, CURLOPT_FORBID_REUSE, 1L);
}

/* ---- what came of it ---- */

static bool is_plain_text(void)
{
  char const *type = 0;
  size_t const len = strlen("text/plain");
  curl_easy_getinfo(web, CURLINFO_CONTENT_TYPE, &type);
  return type && !strncasecmp(type, "text/plain", len) && (!type[len] || type[len] == ';' || type[len] == ' ');
}

static char const *perform(void)
{
  static char words[64];
  long code = 0;
  ended = curl_easy_perform(web);
  if (ended == CURLE_WRITE_ERROR) return "it is too long";
  if (ended != CURLE_OK) return curl_easy_strerror(ended);
  curl_easy_getinfo(web, CURLINFO_RESPONSE_CODE, &code);
  snprintf(words, sizeof words, "its web server answers %ld", code);
  if (code != 200) return words;
  return is_plain_text() ? 0 : "it is no plain text";
}

char const *fetch(char text[STS_POLICY_MAX], size_t *len, char const *domain)
{
  char host[HOST_MAX + 1], url[HOST_MAX + 64], places[PLACES_MAX];
  snprintf(host, sizeof host, "mta-sts.%s", domain);
  snprintf(url, sizeof url, "https://%s/.well-known/mta-sts.txt", host);
  if (!places_of(places, host)) return "its web server has no address";
  struct curl_slist *list = curl_slist_append(0, places);
  web = curl_easy_init();
  policy.to = text;
  policy.len = 0;
  ended = CURLE_OK;
  char const *why = list && web && set_up(url, list) ? perform() : "out of memory";
  curl_easy_cleanup(web);
  curl_slist_free_all(list);
  *len = policy.len;
  return why;
}

bool fetch_was_unproven(void)
{
  return ended == CURLE_PEER_FAILED_VERIFICATION || ended == CURLE_SSL_CACERT_BADFILE;
}
