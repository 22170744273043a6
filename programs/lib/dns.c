/* Releases of 2024 call most of what we use old, and have new calls for it that those of 2022 do not know. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/random.h>

#include "bytes.h"
#include "dane.h"
#include "dns.h"
#include "dns_message.h"
#include "dns_order.h"
#include "literal.h"
#include "monotonic.h"
#include "resolv_conf.h"

enum {
  HOSTS_MAX = 30,              /* MX hosts that are looked up, the best ones */
  MX_RECORDS_MAX = 1000,       /* of one answer; the rest is not looked at */
  UDP_ANSWER = 1232,           /* bytes of an answer that pass every network in one piece */
  TRY_MILLISECONDS = 4000,     /* until a server is asked again; doubles with every round, */
  TRIES_OF_ALL = 4,            /* and so often must fit into the time of a question */
  DNS_PORT = 53
};

/* Some resolvers, and what stands before them, drop or refuse a question with EDNS. It is asked again without. */
enum { WITH_EDNS, PLAIN, MANNERS };
static struct { int flags, tries; } const manners[MANNERS] = {
  [WITH_EDNS] = { .flags = ARES_FLAG_EDNS, .tries = 1 },
  [PLAIN]     = { .flags = 0,              .tries = 2 }
};

static ares_channel channels[MANNERS];
static bool edns_refused;      /* of late, by what answered the same question without */
static bool servers_are_here, proves;
static unsigned patience;      /* seconds for one question of our caller */
static size_t unanswered;

/* ---- waiting ---- */

static int time_to_wait(long long end)
{
  struct timeval most, next;
  long long left = end - monotonic_ms();
  if (left <= 0) return 0;
  most.tv_sec = (time_t)(left / 1000);
  most.tv_usec = (suseconds_t)(left % 1000 * 1000);
  for (int m = 0; m < MANNERS; m++) most = *ares_timeout(channels[m], &most, &next);
  return (int)(most.tv_sec * 1000 + most.tv_usec / 1000 + 1);
}

enum { SOCKETS_MAX = MANNERS * ARES_GETSOCK_MAXNUM };

/* The channel's sockets and what they wait for. */
static nfds_t sockets_of(ares_channel channel, struct pollfd *x)
{
  ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
  nfds_t n = 0;
  unsigned bits = (unsigned)ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
  for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
    bool reads = bits >> i & 1, writes = bits >> (i + ARES_GETSOCK_MAXNUM) & 1;
    if (!reads && !writes) continue;
    x[n].fd = sockets[i];
    x[n++].events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
  }
  return n;
}

static void process_ready(ares_channel channel, struct pollfd const *x, nfds_t n)
{
  for (nfds_t i = 0; i < n; i++) {
    if (!x[i].revents) continue;
    bool writable = x[i].revents & POLLOUT;
    bool readable = x[i].revents & ~POLLOUT;
    ares_process_fd(channel, readable ? x[i].fd : ARES_SOCKET_BAD, writable ? x[i].fd : ARES_SOCKET_BAD);
  }
}

static void process_once(long long end)
{
  struct pollfd x[SOCKETS_MAX];
  nfds_t n[MANNERS], all = 0;
  for (int m = 0; m < MANNERS; m++) all += n[m] = sockets_of(channels[m], x + all);
  if (poll(x, all, time_to_wait(end)) > 0) {
    process_ready(channels[WITH_EDNS], x, n[WITH_EDNS]);
    process_ready(channels[PLAIN], x + n[WITH_EDNS], n[PLAIN]);
  }
  for (int m = 0; m < MANNERS; m++) ares_process_fd(channels[m], ARES_SOCKET_BAD, ARES_SOCKET_BAD);  /* what is overdue */
}

static void wait_for_answers(void)
{
  long long end = monotonic_ms() + (long long)patience * 1000;
  while (unanswered && monotonic_ms() < end) process_once(end);
  for (int m = 0; m < MANNERS && unanswered; m++) ares_cancel(channels[m]);    /* answers all with ARES_ECANCELLED */
}

/* ---- asking ---- */

struct question {
  int manner, type;
  ares_callback answered;
  void *arg;
  char name[DNS_NAME_MAX + 1];
};

/* An end that may be due to EDNS. Releases of the library call a refusal by different names. */
static bool asks_again(int status)
{
  switch (status) {
    case ARES_ECONNREFUSED: case ARES_ETIMEOUT: case ARES_EBADRESP: case ARES_EFORMERR: case ARES_ESERVFAIL:
    case ARES_ENOTIMP: case ARES_EREFUSED:
      return true;
    default:
      return false;
  }
}

static bool is_answer(int status)
{
  return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

static void ask_in(int manner, struct question *q);

static void got(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct question *q = arg;
  bool again = q->manner == PLAIN && !edns_refused;
  if (q->manner == WITH_EDNS && asks_again(status)) {
    ask_in(PLAIN, q);
    return;
  }
  if (again && is_answer(status)) edns_refused = true;
  q->answered(q->arg, status, timeouts, answer, len);
  free(q);
}

/* As ares_query tells it, which cannot ask for proof. */
static int status_of(struct dns_message const *m)
{
  switch (m->code) {
    case DNS_CODE_NONE: return m->answers ? ARES_SUCCESS : ARES_ENODATA;
    case DNS_CODE_FORMAT: return ARES_EFORMERR;
    case DNS_CODE_NO_NAME: return ARES_ENOTFOUND;
    case DNS_CODE_UNKNOWN: return ARES_ENOTIMP;
    case DNS_CODE_REFUSED: return ARES_EREFUSED;
    default: return ARES_ESERVFAIL;
  }
}

static void got_message(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct dns_message m;
  if (status == ARES_SUCCESS) status = dns_message_begin(&m, answer, (size_t)len) ? status_of(&m) : ARES_EBADRESP;
  got(arg, status, timeouts, answer, len);
}

static unsigned short some_number(void)
{
  static unsigned short numbers[32];
  static size_t left = 0;
  if (!left) random_buf((char *)numbers, sizeof numbers);
  if (!left) left = sizeof numbers / sizeof *numbers;
  return numbers[--left];
}

static void ask_for_proof(int manner, struct question *q)
{
  unsigned char *packet = 0;
  int len = 0, room = manner == WITH_EDNS ? UDP_ANSWER : 0;
  int status = ares_create_query(q->name, ns_c_in, q->type, some_number(), 1, &packet, &len, room);
  if (status != ARES_SUCCESS) {
    got(q, status, 0, 0, 0);
    return;
  }
  dns_message_ask_for_proof(packet, (size_t)len);
  ares_send(channels[manner], packet, len, got_message, q);
  ares_free_string(packet);
}

/* ares_query takes the name as it is: no search list, no hosts file. */
static void ask_in(int manner, struct question *q)
{
  q->manner = manner;
  if (proves) ask_for_proof(manner, q);
  else ares_query(channels[manner], q->name, ns_c_in, q->type, got, q);
}

static void ask(char const *name, int type, ares_callback answered, void *arg)
{
  struct question *q = strlen(name) <= DNS_NAME_MAX ? malloc(sizeof *q) : 0;
  unanswered++;
  if (!q) {
    answered(arg, strlen(name) <= DNS_NAME_MAX ? ARES_ENOMEM : ARES_EBADNAME, 0, 0, 0);
    return;
  }
  *q = (struct question){ .type = type, .answered = answered, .arg = arg };
  strcpy(q->name, name);
  ask_in(edns_refused ? PLAIN : WITH_EDNS, q);
}

/* ---- understanding answers ---- */

/* What a name server's refusal or failure says about a name is nothing: only that we cannot know now. */
static enum dns_result result_of(int status)
{
  switch (status) {
    case ARES_SUCCESS: return DNS_OK;
    case ARES_ENOTFOUND: case ARES_EBADNAME: return DNS_NO_HOST;
    case ARES_ENODATA: return DNS_NO_DATA;
    case ARES_ENOMEM: return DNS_NOMEM;
    default: return DNS_SOFT;
  }
}

/* Where it was not asked for, it does not count. */
static bool is_proven(unsigned char const *answer, int len)
{
  struct dns_message m;
  return proves && len > 0 && dns_message_begin(&m, answer, (size_t)len) && m.authentic;
}

/* Who has the addresses that were asked for. */
static void note_canonical(struct dns_host *h, unsigned type, unsigned char const *answer, int len)
{
  struct dns_message m;
  struct dns_record r = { .type = 0 };
  char name[DNS_NAME_MAX + 1];
  if (h->canonical || !dns_message_begin(&m, answer, (size_t)len)) return;
  while (dns_message_next(&m, &r) && r.type != type) { }
  if (r.type == type && dns_message_name(name, &m, r.owner) && strcasecmp(name, h->name) != 0) h->canonical = strdup(name);
}

static void got_a(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct dns_host *h = arg;
  struct ares_addrttl found[DNS_HOST_ADDRESSES_MAX];
  int count = DNS_HOST_ADDRESSES_MAX;
  (void)timeouts;
  unanswered--;
  if (status == ARES_SUCCESS) status = ares_parse_a_reply(answer, len, 0, found, &count);
  h->four_result = result_of(status);
  if (status != ARES_SUCCESS) return;
  if (!count) h->four_result = DNS_NO_DATA;
  for (; h->fours < (size_t)count; h->fours++)
    ip46_from_ip4(h->four + h->fours, (char const *)&found[h->fours].ipaddr);
  h->four_proven = is_proven(answer, len);
  if (h->four_proven) note_canonical(h, ns_t_a, answer, len);
}

static void got_aaaa(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct dns_host *h = arg;
  struct ares_addr6ttl found[DNS_HOST_ADDRESSES_MAX];
  int count = DNS_HOST_ADDRESSES_MAX;
  (void)timeouts;
  unanswered--;
  if (status == ARES_SUCCESS) status = ares_parse_aaaa_reply(answer, len, 0, found, &count);
  h->six_result = result_of(status);
  if (status != ARES_SUCCESS) return;
  if (!count) h->six_result = DNS_NO_DATA;
  for (; h->sixes < (size_t)count; h->sixes++)
    ip46_from_ip6(h->six + h->sixes, (char const *)&found[h->sixes].ip6addr);
  h->six_proven = is_proven(answer, len);
  if (h->six_proven) note_canonical(h, ns_t_aaaa, answer, len);
}

struct mx_answer {
  enum dns_result result;
  bool proven;              /* also that there are none */
  struct dns_host *hosts;
  size_t count;
};

static size_t length(struct ares_mx_reply const *r)
{
  size_t n = 0;
  for (; r && n < MX_RECORDS_MAX; r = r->next) n++;
  return n;
}

static enum dns_result copy_records(struct mx_answer *mx, struct ares_mx_reply const *r)
{
  size_t n = length(r);
  if (!n) return DNS_NO_DATA;
  if (n == 1 && !*r->host) return DNS_NULL_MX;
  mx->hosts = calloc(n, sizeof *mx->hosts);
  if (!mx->hosts) return DNS_NOMEM;
  for (; mx->count < n; r = r->next, mx->count++) {
    mx->hosts[mx->count].preference = r->priority;
    mx->hosts[mx->count].name = strdup(r->host);
    if (!mx->hosts[mx->count].name) return DNS_NOMEM;
  }
  return DNS_OK;
}

static void got_mx(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct mx_answer *mx = arg;
  struct ares_mx_reply *records = 0;
  (void)timeouts;
  unanswered--;
  mx->proven = is_proven(answer, len);
  if (status == ARES_SUCCESS) status = ares_parse_mx_reply(answer, len, &records);
  mx->result = result_of(status);
  if (status == ARES_SUCCESS) mx->result = copy_records(mx, records);
  if (records) ares_free_data(records);
}

/* ---- from hosts to addresses ---- */

/* Not only whether IPv6 is the better choice in general: without a route it is none at all. */
static bool six_first(ip46 const *six)
{
  if (!dns_order_six_is_better(six)) return false;
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1) return false;
  struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(25) };
  memcpy(&to.sin6_addr, six->ip, 16);
  bool reachable = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
  close(fd);
  return reachable;
}

static bool listed(struct dns_addresses const *out, ip46 const *ip)
{
  struct dns_address const *a = genalloc_s(struct dns_address, &out->list);
  for (size_t i = 0; i < genalloc_len(struct dns_address, &out->list); i++)
    if (a[i].ip.is6 == ip->is6 && !memcmp(a[i].ip.ip, ip->ip, ip->is6 ? 16 : 4)) return true;
  return false;
}

static int add_names(struct dns_addresses *out, struct dns_host *h)
{
  if (!genalloc_append(char *, &out->names, &h->name)) return 0;
  h->name = 0;
  if (!genalloc_append(char *, &out->canonicals, &h->canonical)) return 0;
  h->canonical = 0;
  return 1;
}

static int add_host(struct dns_addresses *out, struct dns_host *h, bool proven)
{
  ip46 ordered[2 * DNS_HOST_ADDRESSES_MAX];
  size_t count = dns_order_addresses(ordered, h, h->sixes && h->fours && six_first(h->six));
  uint32_t number = (uint32_t)genalloc_len(char *, &out->names);
  if (!add_names(out, h)) return 0;
  for (size_t i = 0; i < count; i++) {
    struct dns_address a = { .ip = ordered[i], .preference = h->preference, .host = number };
    a.proven = proven && (a.ip.is6 ? h->six_proven : h->four_proven);
    if (genalloc_len(struct dns_address, &out->list) == DNS_ADDRESSES_MAX) return 1;
    if (!listed(out, &a.ip) && !genalloc_append(struct dns_address, &out->list, &a)) return 0;
  }
  return 1;
}

static void ask_addresses(struct dns_host *h)
{
  ip46 number;
  h->four_result = h->six_result = DNS_NO_DATA;
  /* An MX host should have a name, but some write its address. */
  if (!literal_number(&number, h->name, strlen(h->name))) {
    ask(h->name, ns_t_a, got_a, h);
    ask(h->name, ns_t_aaaa, got_aaaa, h);
  } else if (number.is6) {
    h->six[h->sixes++] = number;
  } else {
    h->four[h->fours++] = number;
  }
}

static bool any(struct dns_host const *hosts, size_t count, enum dns_result r)
{
  for (size_t i = 0; i < count; i++)
    if (hosts[i].four_result == r || hosts[i].six_result == r) return true;
  return false;
}

/* When no host led to an address: the first that holds of no memory, trouble, and a name that exists. */
static enum dns_result why_nothing(struct dns_host const *hosts, size_t count)
{
  if (any(hosts, count, DNS_NOMEM)) return DNS_NOMEM;
  if (any(hosts, count, DNS_SOFT)) return DNS_SOFT;
  return any(hosts, count, DNS_NO_DATA) ? DNS_NO_DATA : DNS_NO_HOST;
}

static enum dns_result addresses_of(struct dns_addresses *out, struct dns_host *hosts, size_t count, bool proven)
{
  for (size_t i = 0; i < count; i++) ask_addresses(hosts + i);
  wait_for_answers();
  for (size_t i = 0; i < count; i++)
    if (!add_host(out, hosts + i, proven)) return DNS_NOMEM;
  return genalloc_len(struct dns_address, &out->list) ? DNS_OK : why_nothing(hosts, count);
}

/* ---- the questions ---- */

/* The library would read the file itself, but stumbles over lines that other programs pass over. */
static bool set_servers(ares_channel channel)
{
  ip46 servers[NAME_SERVERS_MAX];
  struct ares_addr_port_node nodes[NAME_SERVERS_MAX] = { 0 };
  size_t count = resolv_conf_servers(servers);
  servers_are_here = resolv_servers_are_here(servers, count);
  for (size_t i = 0; i < count; i++) {
    nodes[i].next = i + 1 < count ? nodes + i + 1 : 0;
    nodes[i].family = servers[i].is6 ? AF_INET6 : AF_INET;
    memcpy(&nodes[i].addr, servers[i].ip, servers[i].is6 ? 16 : 4);
    nodes[i].udp_port = nodes[i].tcp_port = DNS_PORT;
  }
  return ares_set_servers_ports(channel, nodes) == ARES_SUCCESS;
}

static bool channel_new(int manner)
{
  static char nothing[] = "/dev/null";
  unsigned try = patience * 1000 / TRIES_OF_ALL;
  struct ares_options options = {
    .flags = manners[manner].flags, .timeout = try < TRY_MILLISECONDS ? (int)try : TRY_MILLISECONDS,
    .tries = manners[manner].tries, .ednspsz = UDP_ANSWER, .resolvconf_path = nothing
  };
  int which = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_RESOLVCONF;
  return ares_init_options(channels + manner, &options, which) == ARES_SUCCESS && set_servers(channels[manner]);
}

int dns_init(unsigned seconds)
{
  patience = seconds;
  errno = EIO;
  return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS && channel_new(WITH_EDNS) && channel_new(PLAIN);
}

bool dns_ask_for_proof(void)
{
  return proves = servers_are_here;
}

static enum dns_result one_host(struct dns_addresses *out, char const *host, bool proven)
{
  struct dns_host h = { .name = strdup(host) };
  dns_addresses_free(out);
  if (!h.name) return DNS_NOMEM;
  enum dns_result r = !*host || strlen(host) > DNS_NAME_MAX ? DNS_NO_HOST : addresses_of(out, &h, 1, proven);
  free(h.name);
  free(h.canonical);
  return r;
}

enum dns_result dns_host(struct dns_addresses *out, char const *host)
{
  return one_host(out, host, true);
}

static void free_hosts(struct mx_answer *mx)
{
  for (size_t i = 0; i < mx->count; i++) {
    free(mx->hosts[i].name);
    free(mx->hosts[i].canonical);
  }
  free(mx->hosts);
}

static uint32_t random_below(uint32_t n)
{
  return random_uint32(n);
}

static enum dns_result best_hosts(struct dns_addresses *out, struct mx_answer *mx)
{
  dns_order_hosts(mx->hosts, mx->count, random_below);
  enum dns_result r = addresses_of(out, mx->hosts, mx->count < HOSTS_MAX ? mx->count : HOSTS_MAX, mx->proven);
  return r == DNS_NO_HOST ? DNS_NO_DATA : r;    /* the domain exists, its hosts do not */
}

enum dns_result dns_mx(struct dns_addresses *out, char const *domain)
{
  struct mx_answer mx = { 0 };
  dns_addresses_free(out);
  if (!*domain || strlen(domain) > DNS_NAME_MAX) return DNS_NO_HOST;
  ask(domain, ns_t_mx, got_mx, &mx);
  wait_for_answers();
  if (mx.result == DNS_OK) mx.result = best_hosts(out, &mx);
  else if (mx.result == DNS_NO_HOST || mx.result == DNS_NO_DATA) mx.result = one_host(out, domain, mx.proven);
  free_hosts(&mx);
  return mx.result;
}

/* ---- the name of an address ---- */

enum { REVERSE_MAX = 80 };      /* bytes: 64 for an IPv6 address in nibbles, and the zone */

static void reverse(char name[REVERSE_MAX], ip46 const *ip)
{
  unsigned char const *b = (unsigned char const *)ip->ip;
  if (!ip->is6) snprintf(name, REVERSE_MAX, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
  else {
    for (size_t i = 0; i < 16; i++) snprintf(name + 4 * i, 5, "%x.%x.", b[15 - i] & 15, b[15 - i] >> 4);
    memcpy(name + 64, "ip6.arpa", sizeof "ip6.arpa");
  }
}

struct ptr_answer {
  enum dns_result result;
  stralloc *name;
  ip46 const *ip;
};

static void got_ptr(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct ptr_answer *ptr = arg;
  struct hostent *host = 0;
  (void)timeouts;
  unanswered--;
  if (status == ARES_SUCCESS)
    status = ares_parse_ptr_reply(answer, len, ptr->ip->ip, ptr->ip->is6 ? 16 : 4, ptr->ip->is6 ? AF_INET6 : AF_INET, &host);
  ptr->result = result_of(status);
  if (status == ARES_SUCCESS) {
    if (!bytes_set(ptr->name, host->h_name) || !bytes_end(ptr->name)) ptr->result = DNS_NOMEM;
    else case_lowerb(ptr->name->s, --ptr->name->len);
  }
  if (host) ares_free_hostent(host);
}

enum dns_result dns_name(stralloc *name, ip46 const *ip)
{
  struct dns_addresses back = DNS_ADDRESSES_ZERO;
  struct ptr_answer ptr = { .name = name, .ip = ip };
  char question[REVERSE_MAX];
  reverse(question, ip);
  ask(question, ns_t_ptr, got_ptr, &ptr);
  wait_for_answers();
  if (ptr.result != DNS_OK) return ptr.result;
  enum dns_result r = dns_host(&back, name->s);
  if (r == DNS_OK && !listed(&back, ip)) r = DNS_NO_DATA;
  dns_addresses_free(&back);
  return r;
}

/* ---- certificates ---- */

struct tlsa_answer {
  enum dns_result result;
  struct dane_records *records;
};

static void got_tlsa(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct tlsa_answer *tlsa = arg;
  struct dns_message m;
  (void)timeouts;
  unanswered--;
  tlsa->result = status == ARES_ENOTFOUND ? DNS_NO_DATA : result_of(status);
  if (status != ARES_SUCCESS) return;
  tlsa->result = DNS_NO_DATA;
  if (!is_proven(answer, len) || !dns_message_begin(&m, answer, (size_t)len)) return;
  dane_read(tlsa->records, m);
  if (tlsa->records->count) tlsa->result = DNS_OK;
}

enum dns_result dns_tlsa(struct dane_records *to, char const *name)
{
  struct tlsa_answer tlsa = { .records = to };
  ask(name, ns_t_tlsa, got_tlsa, &tlsa);
  wait_for_answers();
  return tlsa.result;
}

/* ---- texts ---- */

struct text_answer {
  enum dns_result result;
  void (*heard)(void *arg, char const *s, size_t len);
  void *arg;
};

static void got_texts(void *arg, int status, int timeouts, unsigned char *answer, int len)
{
  struct text_answer *t = arg;
  struct dns_message m;
  struct dns_record r;
  char text[DNS_TEXT_MAX];
  (void)timeouts;
  unanswered--;
  t->result = result_of(status);
  if (status != ARES_SUCCESS) return;
  t->result = DNS_NO_DATA;
  if (!dns_message_begin(&m, answer, (size_t)len)) return;
  while (dns_message_next(&m, &r)) {
    if (r.type != ns_t_txt) continue;
    t->result = DNS_OK;
    t->heard(t->arg, text, dns_message_text(text, sizeof text, &r));
  }
}

enum dns_result dns_texts(char const *name, void (*heard)(void *arg, char const *s, size_t len), void *arg)
{
  struct text_answer t = { .heard = heard, .arg = arg };
  ask(name, ns_t_txt, got_texts, &t);
  wait_for_answers();
  return t.result;
}

static void free_names(genalloc *names)
{
  for (size_t i = 0; i < genalloc_len(char *, names); i++) free(genalloc_s(char *, names)[i]);
  genalloc_free(char *, names);
}

void dns_addresses_free(struct dns_addresses *a)
{
  free_names(&a->names);
  free_names(&a->canonicals);
  genalloc_free(struct dns_address, &a->list);
}
