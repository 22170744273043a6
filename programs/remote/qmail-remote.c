/* qmail-remote: hand one message to the mail exchanger of one host, over SMTP, or QMTP where that is meant.

   runs as   qmailr, started by qmail-rspawn with host, sender, recipients; may stay with its connection for further
             messages to the same servers (agent.h)
   reads     the message on fd 0; control/helohost longlines eightbit smtproutes timeoutconnect timeoutremote timeoutdata
             timeoutdot tlspolicy, smtpauth for a relay
   asks      the TLS service, where there is one (tls_ask.h); qmail-stsd for policies of domains (remote_sts.h)
   changes   queue/lock/tcpto: which hosts do not answer; queue/lock/tlsfailed, tlsproven: with which TLS failed, or proved who they are
   says      on fd 1 what became of each recipient and of the message; with -w and a host, where its mail goes
             (remote_report.h)
   exits     0, whatever happened
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/ip46.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include "address.h"
#include "address_utf8.h"
#include "agent.h"
#include "control.h"
#include "dns.h"
#include "envelope_extra.h"
#include "home.h"
#include "ipme.h"
#include "literal.h"
#include "mark.h"
#include "monotonic.h"
#include "nameset.h"
#include "qmtp.h"
#include "remote_confine.h"
#include "remote_connection.h"
#include "remote_dane.h"
#include "remote_demands.h"
#include "remote_keep.h"
#include "remote_login.h"
#include "remote_message.h"
#include "remote_outcome.h"
#include "remote_qmtp.h"
#include "remote_report.h"
#include "remote_session.h"
#include "remote_stranger.h"
#include "remote_sts.h"
#include "remote_tls.h"
#include "remote_where.h"
#include "sending_identity.h"
#include "smtp_route.h"
#include "tcpto.h"
#include "text.h"
#include "tls_policy.h"
#include "utf8.h"

enum {
  DNS_SECONDS = 30,            /* for one question */
  DNS_SECONDS_WHERE = 3,       /* when somebody merely would like to know */
  CONNECTS_MAX = 20,           /* addresses that are tried */
  QMTP_SECONDS = 10,           /* for a connection by QMTP where SMTP will do, */
  SESSIONS_MAX = 5,            /* servers that may greet badly or break off before the next is left untried */
  SESSION_TIMEOUTS = 10,       /* the whole may take so many times timeoutremote, and timeoutdot once, */
  SLOWEST = 1024,              /* and a second for each of so many bytes */
  ANSWER_SECONDS = 300,        /* no answer needs more but that to the message, */
  BLOCK_SECONDS = 180,         /* and no block of a message (RFC 5321 4.5.3.2) */
  ENVELOPE_ANSWERS = 5,        /* all before the message may take the time of so many answers, */
  RECIPIENT_SECONDS = 10,      /* and so many seconds for each recipient; */
  STRANGER_SECONDS = 60        /* with a host that nothing is known of so many in all, and one for each recipient */
};

MARK("qmail-remote");

/* ---- texts ---- */

static char const improperly[] = "I (qmail-remote) was invoked improperly. (#5.3.5)\n";
static char const no_home[] = "Unable to switch to home directory. (#4.3.0)\n";
static char const no_control[] = "Unable to read control files. (#4.3.0)\n";
static char const senseless_policy[] = "The line of control/tlspolicy for this destination makes no sense. (#4.3.0)\n";
static char const no_tls_here[] = "Mail for this destination must go in TLS, and this host has no service for it. (#4.3.0)\n";
static char const no_login[] = "Unable to read the line of control/smtpauth for this relay. (#4.3.0)\n";
static char const no_message[] = "Unable to read message. (#4.3.0)\n";
static char const senseless_identity[] =
  "The line of control/domainhelohosts, domainbindings or outgoingip for this sender makes no sense. (#4.3.0)\n";
static char const not_from_here[] = " is none of this machine's addresses, as control/domainbindings or outgoingip has it. (#4.3.0)\n";
static char const no_resources[] = "System resources temporarily unavailable. (#4.3.0)\n";
static char const no_host_named[] = "Sorry, I couldn't find any host named ";
static char const no_exchanger[] = "Sorry, I couldn't find a mail exchanger or IP address. (#5.4.4)\n";
static char const no_answer_now[] = "Sorry, I couldn't find any host by that name. (#4.1.2)\n";
static char const no_answer_about[] = "Sorry, I couldn't find any host by that name. (#4.1.2)\nLooked up: ";
static char const takes_no_mail[] = "Sorry, that domain does not accept mail. (#5.1.10)\n";
static char const no_connection[] = "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n";
static char const unsayable_sender[] =
  "I will not send this sender address: it has bytes that end an SMTP command. (#5.1.7)\n";
static char const long_line[] =
  "I will not send this message: it has a line of more than 998 bytes, which SMTP does not allow. (#5.6.0)\n";
static char const it_is_me[] = "Sorry. Although I'm listed as a best-preference MX or A for that host,\n"
                               "it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)\n";

/* ---- control files ---- */

static stralloc helohost = STRALLOC_ZERO, longlines = STRALLOC_ZERO, eightbit = STRALLOC_ZERO;
static struct nameset smtproutes = NAMESET_ZERO, tlspolicy = NAMESET_ZERO;
static unsigned long timeoutconnect, timeoutremote, timeoutdata, timeoutdot;

static struct control const controls[] = {
  /* file              kind            goes to          when absent */
  { "helohost",        CONTROL_LINE,   &helohost,       CONTROL_ME_NEEDED },
  { "timeoutremote",   CONTROL_NUMBER, &timeoutremote,  "1200" },
  { "timeoutdata",     CONTROL_NUMBER, &timeoutdata,    "0" },
  { "timeoutdot",      CONTROL_NUMBER, &timeoutdot,     "0" },
  { "timeoutconnect",  CONTROL_NUMBER, &timeoutconnect, "60" },
  { "smtproutes",      CONTROL_MAP,    &smtproutes,     0 },
  { "longlines",       CONTROL_LINE,   &longlines,      "fold" },
  { "eightbit",        CONTROL_LINE,   &eightbit,       "convert" },
  { "tlspolicy",       CONTROL_MAP,    &tlspolicy,      0 },
  { 0 }
};

static unsigned long between(unsigned long n, unsigned long least, unsigned long most)
{
  return n < least ? least : n > most ? most : n;
}

static unsigned long lesser(unsigned long a, unsigned long b)
{
  return a < b ? a : b;
}

/* An agent stands elsewhere between deliveries, and one that goes on with its connection needs no file. */
static bool at_home;

static void go_home(void)
{
  if (!at_home && chdir(HOME) == -1) report_text('Z', no_home);
  at_home = true;
}

/* Once: when one of them changes, qmail-rspawn sends those away who have read it. */
static void read_controls(void)
{
  static bool known = false;
  char const *culprit;
  if (known) return;
  go_home();
  if (!control_load(controls, &culprit)) report_text('Z', no_control);
  text_z(&helohost);
  text_z(&longlines);
  text_z(&eightbit);
  timeoutconnect = between(timeoutconnect, 1, 86400);
  timeoutremote = between(timeoutremote, 1, 86400);
  timeoutdata = timeoutdata ? between(timeoutdata, 1, 86400) : lesser(timeoutremote, BLOCK_SECONDS);
  timeoutdot = timeoutdot ? between(timeoutdot, 1, 86400) : timeoutremote;
  known = true;
}

/* ---- envelope and message ---- */

static char const *destination;
static bool stranger;         /* nothing is known of it */
static stralloc extras = STRALLOC_ZERO;     /* what belongs to the message and its recipients (envelope_extra.h) */
static struct sending_identity identity;    /* of all that this process sends */
static bool identity_is_senseless;
static struct message message;
static struct session session;
static struct connection connection = CONNECTION_NONE;
static bool tls;              /* there is a service that speaks it */
static bool sts;              /* there are policies of domains that ask for it */
static struct smtp_route relay;
static bool relayed;
static struct tls_policy policy;
static struct login login;    /* of the relay */
static struct secrecy asked_for;

/* What goes on in UTF-8 has a domain that every server knows. */
static char const *with_ascii_domain(char const *address)
{
  static stralloc mapped = STRALLOC_ZERO;
  if (utf8_is_ascii(address, strlen(address))) return address;
  text_set(&mapped, address);
  if (address_utf8_take(&mapped) == ADDRESS_NO_MEMORY) report_nomem();
  return text_z(&mapped);
}

/* The address as SMTP writes it; null when SMTP cannot. What has no '@' stays as it is. The memory is `quoted`'s. */
static char const *in_smtp(char const *given, stralloc *quoted)
{
  char const *address = with_ascii_domain(given);
  size_t len = strlen(address);
  quoted->len = 0;
  if (!address_is_sayable(address, len)) return 0;
  if (address_at(address, len) == len) return given;
  if (!address_quote(quoted, address, len)) report_nomem();
  text_z(quoted);
  return quoted->s;
}

static bool is_wide(char const *address)
{
  return address && !utf8_is_ascii(address, strlen(address));
}

static stralloc *said;
static char const **said_recipients;

/* What was used for an earlier message serves again. */
static void make_room(size_t count)
{
  static size_t room = 0;
  if (count <= room) return;
  stralloc *more = realloc(said, count * sizeof *said);
  if (more) said = more;
  char const **texts = realloc(said_recipients, count * sizeof *texts);
  if (texts) said_recipients = texts;
  if (!more || !texts) report_nomem();
  for (; room < count; room++) said[room] = (stralloc)STRALLOC_ZERO;
}

/* Who does nothing but wait with a host that drips its answers, holds up the mail for others. */
static unsigned long envelope_seconds(size_t count)
{
  unsigned long patient = ENVELOPE_ANSWERS * lesser(timeoutremote, ANSWER_SECONDS) + RECIPIENT_SECONDS * count;
  return stranger ? lesser(STRANGER_SECONDS + count, patient) : patient;
}

/* A password is for its relay only. */
static bool logs_in(void)
{
  return relayed && login.wanted;
}

static struct field policy_names_packed(void)
{
  static char names[TLS_NAMES * (TLS_NAME_MAX + 1)];
  size_t len = policy_names(names, sizeof names, policy.names);
  if (policy.names.len && !len) report_text('Z', senseless_policy);
  return (struct field){ names, len };
}

static enum eight_bit eight_bit_wanted(void)
{
  if (!strcmp(eightbit.s, "send")) return EIGHT_BIT_SENT;
  return strcmp(eightbit.s, "return") != 0 ? EIGHT_BIT_CONVERTED : EIGHT_BIT_RETURNED;
}

static char const *helo_name(void)
{
  static stralloc own = STRALLOC_ZERO;
  if (!identity.helo.len) return helohost.s;
  text_setb(&own, identity.helo.s, identity.helo.len);
  return text_z(&own);
}

static void prepare_session(char const *sender, char const *const *recipients, size_t count)
{
  static stralloc quoted_sender = STRALLOC_ZERO;
  size_t wide = 0, said_count = 0;
  make_room(count);
  for (size_t i = 0; i < count; i++) {
    said_recipients[i] = in_smtp(recipients[i], said + i);
    wide += is_wide(said_recipients[i]);
    said_count += said_recipients[i] != 0;
  }
  session = (struct session){
    .helohost = helo_name(), .host = destination, .connection = &connection, .login = logs_in() ? &login : 0,
    .times = {
      .answer = (unsigned)lesser(timeoutremote, ANSWER_SECONDS), .dot = (unsigned)timeoutdot,
      .data = (unsigned)timeoutdata, .envelope = (unsigned)envelope_seconds(count)
    },
    .tls = tls && policy.level != POLICY_NONE, .tls_first = relayed && relay.tls, .asked = asked_for,
    .sender = in_smtp(sender, &quoted_sender), .recipients = said_recipients, .bare_sender = sender, .bare_recipients = recipients,
    .count = count, .extras = extras.s, .message = &message,
    .folds = strcmp(longlines.s, "return") != 0 && strcmp(longlines.s, "send") != 0, .eight_bit = eight_bit_wanted()
  };
  session.sender_is_wide = is_wide(session.sender);
  session.addresses_are_wide = wide || session.sender_is_wide;
  session.recipients_are_wide = wide == said_count;
  if (!session.sender) report_text('D', unsayable_sender);
}

/* ---- the whole has an end ---- */

static time_t end;      /* monotonic seconds */

static void set_end(void)
{
  end = monotonic_seconds() + (time_t)(SESSION_TIMEOUTS * timeoutremote + timeoutdot + message.size / SLOWEST);
}

/* ---- where to ---- */

static struct dns_addresses addresses = DNS_ADDRESSES_ZERO;
static unsigned port = SMTP_PORT;
static unsigned dns_seconds = DNS_SECONDS;

static struct dns_address *address_list(void)
{
  return genalloc_s(struct dns_address, &addresses.list);
}

static size_t address_count(void)
{
  return genalloc_len(struct dns_address, &addresses.list);
}

static void choose_route(char const *host)
{
  relayed = smtp_route_for(&relay, &smtproutes, host);
  if (relayed) port = relay.port;
}

/* What is said of a host, with its name in the midst. */
static _Noreturn void report_host(char letter, char const *before, char const *host, char const *behind)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  text_add(&text, before);
  size_t begin = text.len;
  text_add(&text, host);
  for (size_t i = begin; i < text.len; i++)
    if ((unsigned char)text.s[i] < 33 || (unsigned char)text.s[i] > 126) text.s[i] = '?';
  text_add(&text, behind);
  report_message(letter, text.s, text.len);
}

static _Noreturn void report_source(ip46 const *source)
{
  char ip[IP46_FMT + 1];
  ip[ip46_fmt(ip, source)] = 0;
  report_host('Z', "The address ", ip, not_from_here);
}

static void end_unless_found(enum dns_result r, char const *host)
{
  switch (r) {
    case DNS_OK: return;
    case DNS_NO_HOST: report_host('D', no_host_named, host, ". (#5.1.2)\n");
    case DNS_NO_DATA: report_text('D', no_exchanger);
    case DNS_NULL_MX: report_text('D', takes_no_mail);
    case DNS_SOFT: report_host('Z', no_answer_about, host, ".\n");
    case DNS_NOMEM: report_nomem();
  }
}

/* 10.1.2.3 counts without brackets as well; IPv6 without them could as well be a name and a port. */
static bool use_literal(char const *host, size_t len)
{
  struct dns_address a = { .preference = 0 };
  bool bare = literal_number(&a.ip, host, len) && !a.ip.is6;
  if (!bare && !literal_scan(&a.ip, host, len)) return false;
  if (!genalloc_append(struct dns_address, &addresses.list, &a)) report_nomem();
  return true;
}

/* Only when it is needed: with numbers in smtproutes it never is. */
static void start_resolver(void)
{
  static bool started = false;
  if (!started && !dns_init(dns_seconds)) report_text('Z', no_answer_now);
  if (!started && tls) dns_ask_for_proof();
  started = true;
}

/* Our own route to a name that does not exist is our own mistake, no reason to return mail. */
static enum dns_result forgiving(enum dns_result r)
{
  return r == DNS_OK || r == DNS_NOMEM ? r : DNS_SOFT;
}

static void find_relay(void)
{
  static stralloc host = STRALLOC_ZERO;
  host.len = 0;
  if (use_literal(relay.host, relay.host_len)) return;
  start_resolver();
  text_addb(&host, relay.host, relay.host_len);
  text_z(&host);
  end_unless_found(forgiving(dns_host(&addresses, host.s)), host.s);
}

/* Only servers that are better than ourselves may have it: anything else would be a loop. */
static void drop_what_is_not_better_than_me(void)
{
  struct dns_address *a = address_list();
  size_t kept = 0, count = address_count();
  uint32_t mine = UINT32_MAX;
  if (!ipme_init()) report_text('Z', no_resources);
  for (size_t i = 0; i < count; i++)
    if (a[i].preference < mine && ipme_is(&a[i].ip)) mine = a[i].preference;
  for (size_t i = 0; i < count; i++)
    if (a[i].preference < mine) a[kept++] = a[i];
  genalloc_setlen(struct dns_address, &addresses.list, kept);
  if (!kept) report_text('D', it_is_me);
}

static void find_addresses(char const *host)
{
  if (relayed) {
    find_relay();
    return;
  }
  if (!use_literal(host, strlen(host))) {
    start_resolver();
    end_unless_found(dns_mx(&addresses, host), host);
  }
  drop_what_is_not_better_than_me();
}

static _Noreturn void say_where(void)
{
  static char name[WIRE_DESTINATION_MAX];
  if (relayed) report_message('W', name, where_relay(name, &relay));
  dns_seconds = DNS_SECONDS_WHERE;
  find_addresses(destination);
  report_message('W', name, where_exchangers(name, &addresses, destination));
}

/* ---- QMTP ---- */

static bool speaks_qmtp(struct dns_address const *a)
{
  return qmtp_is_meant(relayed ? &relay : 0, a->preference);
}

/* What must be secret, or is for somebody who has to know who we are, goes by SMTP; so does what has no length yet. */
static bool may_go_by_qmtp(struct secrecy const *asked)
{
  return !asked->encrypted && asked->proof == TLS_ANYBODY && !logs_in() && qmtp_can_send(&message);
}

/* A process that is confined to a port can connect to this one, too. */
static unsigned port_besides(void)
{
  if (!relayed) return QMTP_PORT;
  return relay.port == QMTP_PORT ? SMTP_PORT : 0;
}

/* ---- one after the other ---- */

static struct tcpto_table timeouts;
static size_t at;                               /* the next address to be tried */
static unsigned connects, sessions, lacking;     /* of the sessions those whose server has no SMTPUTF8 */
static unsigned elsewhere;                      /* of the addresses those to which this host has no way */
static stralloc tried = STRALLOC_ZERO;          /* a line for each address */
static stralloc last_session = STRALLOC_ZERO;   /* what is to be said of the last server that was reached */

static void note_tried(char const *what, char const *why)
{
  text_add(&tried, what);
  text_add(&tried, connection.ip);
  text_add(&tried, ": ");
  text_add(&tried, why);
  text_add(&tried, ".\n");
}

/* A server that was reached counts more than those that were not. The list of the tried says nothing new when it has
   one line and that server is it. */
static _Noreturn void report_nothing_worked(void)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  if (last_session.len) text_addb(&text, last_session.s, last_session.len);
  else text_add(&text, no_connection);
  if (!last_session.len) report_contact(REPORT_UNREACHED);
  bool one_line = byte_chr(tried.s, tried.len, '\n') + 1 == tried.len;
  if (!last_session.len || !one_line) text_addb(&text, tried.s, tried.len);
  report_message('Z', text.s, text.len);
}

static ip46 const *source_for(ip46 const *ip)
{
  int family = ip->is6 ? SENDING_IP6 : SENDING_IP4;
  return identity.is_bound[family] ? identity.source + family : 0;
}

static bool reach(ip46 const *ip)
{
  if (tcpto_resting(&timeouts, ip, (uint64_t)time(0), (uint64_t)getpid())) {
    connection_is_to(&connection, ip, port);
    note_tried("Skipped ", "it did not answer lately");
    return false;
  }
  connects++;
  switch (connection_make(&connection, source_for(ip), ip, port, (unsigned)timeoutconnect)) {
    case CONNECTION_NO_RESOURCES: report_text('Z', no_resources);
    case CONNECTION_NOT_FROM_HERE: report_source(source_for(ip));
    case CONNECTION_FAILED: break;
    case CONNECTION_MADE:
      if (tcpto_knows(&timeouts, ip)) tcpto_answered(TCPTO_FILE, ip);
      return true;
  }
  int e = errno;
  note_tried("Tried ", strerror(e));
  if (!connection_has_a_way(ip)) elsewhere++;
  if (e == ETIMEDOUT) tcpto_timed_out(TCPTO_FILE, ip);
  return false;
}

/* Where SMTP will do, a port that is closed or says nothing tells nothing of the host. */
static bool reach_besides(ip46 const *ip)
{
  if (tcpto_resting(&timeouts, ip, (uint64_t)time(0), (uint64_t)getpid())) return false;
  connects++;
  switch (connection_make(&connection, source_for(ip), ip, QMTP_PORT, (unsigned)lesser(timeoutconnect, QMTP_SECONDS))) {
    case CONNECTION_NO_RESOURCES: report_text('Z', no_resources);
    case CONNECTION_NOT_FROM_HERE: report_source(source_for(ip));
    case CONNECTION_FAILED: break;
    case CONNECTION_MADE: return true;
  }
  note_tried("Tried QMTP at ", strerror(errno));
  return false;
}

static bool patience_left(void)
{
  return connects < CONNECTS_MAX && sessions < SESSIONS_MAX && (!connects || monotonic_seconds() < end);
}

static void session_has_time(void)
{
  time_t left = end - monotonic_seconds();
  session.times.whole = left > 0 ? (unsigned)left : 1;
}

static void note_failure(struct session_failure const *f)
{
  note_tried("Tried ", f->why);
  last_session.len = 0;
  text_addb(&last_session, f->text->s, f->text->len);
}

/* By which the server at an address is called, and its certificate should be for. */
static char const *server_name(struct dns_address const *a)
{
  static stralloc name = STRALLOC_ZERO;
  ip46 ip;
  if (a->host >= genalloc_len(char *, &addresses.names)) return "";
  text_set(&name, genalloc_s(char *, &addresses.names)[a->host]);
  if (name.len && name.s[name.len - 1] == '.') name.len--;
  return literal_number(&ip, name.s, name.len) ? "" : text_z(&name);
}

static struct session_failure speak(void)
{
  session_has_time();
  struct session_failure f = session_run(&session);
  connection_close(&connection);
  return f;
}

static void speak_qmtp(void)
{
  connection.speaks_qmtp = true;
  sessions++;
  session_has_time();
  struct session_failure f = qmtp_run(&session, false);
  connection_close(&connection);
  note_failure(&f);
}

/* Whether nothing is left to be tried at that address: a route names one way, and that is not the other one. */
static bool try_qmtp(struct dns_address const *a)
{
  if (!speaks_qmtp(a)) return false;
  bool may = may_go_by_qmtp(&session.asked) && !demands_are_published(&session);
  if (relayed) port = may ? QMTP_PORT : SMTP_PORT;
  if (!may) return false;
  if (relayed ? reach(&a->ip) : reach_besides(&a->ip)) speak_qmtp();
  return relayed;
}

static struct demand demand_of(struct dns_address const *a)
{
  return (struct demand){
    .policy = policy, .least = asked_for, .names = policy_names_packed(), .domain = relayed ? 0 : destination,
    .tls = tls, .sts = sts, .found = &addresses, .address = a, .server = server_name(a), .port = port == QMTP_PORT ? SMTP_PORT : port
  };
}

static bool ask_of(struct dns_address const *a)
{
  struct session_failure why;
  struct demand const d = demand_of(a);
  if (demands_set(&session, &d, &why)) return true;
  outcome_tell(&session.report, session.report.result);
  connection_is_to(&connection, &a->ip, port);
  note_failure(&why);
  return false;
}

/* What has no way from here is no other one. */
static bool another_can_be_tried(void)
{
  if (!patience_left()) return false;
  for (size_t i = at; i < address_count(); i++)
    if (connection_has_a_way(&address_list()[i].ip)) return true;
  return false;
}

/* A session ends in a report, or it comes back here for the remaining addresses; or for the same one in plain text. */
static void try_address(struct dns_address const *a)
{
  if (!ask_of(a) || try_qmtp(a) || !reach(&a->ip)) return;
  sessions++;
  session.tls_failed = false;
  session.lacked_before = lacking + elsewhere == at - 1;
  session.others = another_can_be_tried();
  struct session_failure f = speak();
  session.tls_failed = f.in_plain;
  if (f.in_plain && reach(&a->ip)) f = speak();
  lacking += f.lacks_utf8;
  note_failure(&f);
}

static _Noreturn void try_addresses(void)
{
  while (at < address_count() && patience_left()) try_address(address_list() + at++);
  report_nothing_worked();
}

static _Noreturn void try_servers(void)
{
  if (!address_count()) find_addresses(destination);
  go_home();
  tcpto_load(&timeouts, TCPTO_FILE);
  set_end();
  try_addresses();
}

/* ---- on a connection that is there already ---- */

static bool is_at_the_port(struct kept const *kept, struct dns_address const *a)
{
  if (kept->connection.speaks_qmtp) return speaks_qmtp(a);
  return kept->connection.port == port;
}

static struct dns_address const *best_at(struct kept const *kept)
{
  struct dns_address const *a = address_list();
  char text[IP46_FMT + 1];
  for (size_t i = 0; i < address_count() && a[i].preference == a[0].preference; i++) {
    text[ip46_fmt(text, &a[i].ip)] = 0;
    if (!strcmp(text, kept->connection.ip)) return is_at_the_port(kept, a + i) ? a + i : 0;
  }
  return 0;
}

/* Whether the message may go where the connection leads. The host it was made or used for has been looked up not long
   ago; any other one is looked up now, since nobody's word but that of the name servers sends mail to a server. */
static bool serves(struct kept const *kept)
{
  if (!secrecy_suffices(&kept->connection.secrecy, &asked_for)) return false;
  if (kept->connection.speaks_qmtp && !may_go_by_qmtp(&asked_for)) return false;
  if (logs_in() && !kept->connection.logged_in) return false;
  if (!strcasecmp(kept->host, destination)) return true;
  if (asked_for.proof != TLS_ANYBODY) return false;      /* what was proven was so by other names */
  find_addresses(destination);
  struct dns_address const *a = best_at(kept);
  struct demand const d = a ? demand_of(a) : (struct demand){ 0 };
  return a && demands_are_met(&d, &kept->connection);
}

/* Comes back when nothing was accepted: then it is the first attempt that counts. */
static void try_kept_connection(void)
{
  struct kept const *kept = keep_look();
  if (!kept) return;
  if (!serves(kept)) {
    keep_end();
    return;
  }
  keep_take(&connection);
  set_end();
  session_has_time();
  if (connection.speaks_qmtp) qmtp_run(&session, true);
  else session_resume(&session, kept);
  connection_close(&connection);
}

/* ---- one message, or one question ---- */

static void forget_the_last_one(void)
{
  report_begin();
  dns_addresses_free(&addresses);
  dane_forget();
  sts_forget();
  relayed = false;
  port = SMTP_PORT;
  at = connects = sessions = lacking = 0;
  tried.len = last_session.len = 0;
}

static bool relay_is_here(void)
{
  ip46 ip;
  bool number = literal_number(&ip, relay.host, relay.host_len) || literal_scan(&ip, relay.host, relay.host_len);
  if (!number) return relay.host_len == strlen("localhost") && !strncasecmp(relay.host, "localhost", relay.host_len);
  return ip.is6 ? !memcmp(ip.ip, (char const [16]){ [15] = 1 }, 16) : ip.ip[0] == 127;
}

/* Of the one relay that this process has mail for. Once it is confined it cannot read of another one, and what goes there
   waits for a process of its own. */
static void choose_login(void)
{
  static stralloc of = STRALLOC_ZERO;
  if (!relayed || !relay.host_len || (of.len == relay.host_len && !memcmp(of.s, relay.host, of.len))) return;
  if (of.len) report_text('Z', no_login);
  go_home();
  if (!login_load(&login, relay.host, relay.host_len)) report_text('Z', no_login);
  text_setb(&of, relay.host, relay.host_len);
}

/* All of it is open to this process from then on: so not the root's. */
static char const *token_directory(void)
{
  static stralloc directory = STRALLOC_ZERO;
  size_t slash = login.secret.len;
  if (!login.wanted || !login.is_token) return 0;
  while (slash && login.secret.s[slash - 1] != '/') slash--;
  text_setb(&directory, login.secret.s, slash);
  return slash > 1 ? text_z(&directory) : 0;
}

/* Behind this line no program can be started, no file opened but those in remote_confine.c, no socket connected but to the
   name servers, to one port, and to a service of this machine where it is there. What is needed beyond that has to be there
   before, and this is the place for it, once in the life of an agent:
     - the control files;
     - the port, which is that of the first destination: an agent's messages all go to the same servers;
     - whether IPv6 is spoken here;
     - whether there are policies of domains, and a TLS service, which remote_tls.c connects to for each server.
   What comes from outside, the answers of name servers to begin with, comes later. */
static void prepare(void)
{
  static bool rights_given_up = false;
  read_controls();
  choose_route(destination);
  choose_login();
  if (rights_given_up) return;
  connection_look_around();
  tls = tls_is_here();
  sts = !relayed && sts_is_here();
  remote_confine(port, port_besides(), tls, sts, token_directory(), identity.is_bound[SENDING_IP4] || identity.is_bound[SENDING_IP6]);
  rights_given_up = true;
}

/* It is not asked for anything that goes out as somebody else. */
static void learn_identity(void)
{
  static stralloc text = STRALLOC_ZERO;
  char const *given = getenv(SENDING_IDENTITY_VARIABLE);
  if (!given) return;
  text_set(&text, given);
  identity_is_senseless = !sending_identity_read(&identity, text.s, text.len);
  unsetenv(SENDING_IDENTITY_VARIABLE);
}

/* What this process was started with counts once. */
static void learn_at_start(void)
{
  char const *given = getenv(EXTRAS_VARIABLE);
  learn_identity();
  stranger = getenv(STRANGER_VARIABLE);
  text_set(&extras, given ? given : "");
  unsetenv(STRANGER_VARIABLE);
  unsetenv(EXTRAS_VARIABLE);
}

static void read_options(int *argc, char const *const **argv)
{
  learn_at_start();
  if (*argc > 1 && !strcmp((*argv)[1], STRANGER_OPTION)) {
    stranger = true;
    --*argc, ++*argv;
  }
  if (*argc > 2 && !strcmp((*argv)[1], EXTRAS_OPTION)) {
    text_set(&extras, (*argv)[2]);
    *argc -= 2, *argv += 2;
  }
  text_z(&extras);
}

/* A password is given only to the right one, unless the relay's own line says otherwise: those of destinations ask for
   more, and never for less. */
static void guard_password(void)
{
  struct tls_policy const least = policy_of_relay(&tlspolicy, &relay, relay_is_here() ? POLICY_NONE : POLICY_VERIFY);
  if (least.level > policy.level) policy = least;
}

static void choose_policy(void)
{
  policy = policy_for(&tlspolicy, destination, relayed ? &relay : 0);
  if (logs_in()) guard_password();
  if (policy.level == POLICY_SENSELESS) report_text('Z', senseless_policy);
  asked_for = demands_least(&policy, relayed && relay.tls);
  if (asked_for.encrypted && !tls) report_text('Z', no_tls_here);
}

static void deliver(int argc, char const *const *argv)
{
  read_options(&argc, &argv);
  bool where = argc == 3 && !strcmp(argv[1], "-w");
  forget_the_last_one();
  if (argc < 4 && !where) report_text('D', improperly);
  if (identity_is_senseless) report_text('Z', senseless_identity);
  destination = argv[where ? 2 : 1];
  prepare();
  if (where) say_where();
  choose_policy();
  prepare_session(argv[2], argv + 3, (size_t)(argc - 3));
  if (!message_examine(&message, 0)) report_text('Z', no_message);
  if (message.long_lines && !strcmp(longlines.s, "return")) report_text('D', long_line);
  try_kept_connection();
  try_servers();
}

/* Closes the connection, unless it was left to another message. */
static void leave(void)
{
  connection_close(&connection);
  at_home = false;
}

static struct agent_work const work = {
  .deliver = deliver, .after = leave, .watched = keep_watched, .lost = keep_heed, .end = keep_end
};

int main(int argc, char const *const *argv)
{
  PROG = "qmail-remote";
  memory_gone = report_nomem;
  sig_altignore(SIGPIPE);
  tain_now_set_stopwatch_g();
  agent_run(argc, argv, &work);
  return 0;
}
