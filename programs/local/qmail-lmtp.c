/* qmail-lmtp: hand a message to a mail store that speaks LMTP, in a line of a .qmail file.

   runs as   whose .qmail file it is
   reads     the message on descriptor 0; SENDER and RECIPIENT of dot-qmail(5)
   prints    what the server said
   exits     0 it has the message, 100 it refuses it, 111 trouble or a wrong line in the .qmail file, try again
*/

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "die.h"
#include "smtp_client.h"
#include "text.h"
#include "utf8.h"

#define USAGE "qmail-lmtp { socket | host:port } [ address ]"

enum { NEVER = 100, LATER = 111, NAME_MAX_HERE = 255, CONNECT_SECONDS = 60 };

/* RFC 5321 4.5.3.2, as RFC 2033 has it. */
static struct smtp_times const times = { .answer = 300, .dot = 600, .data = 180, .envelope = 900, .whole = 7200 };

static struct smtp_client client;
static stralloc sender = STRALLOC_ZERO, recipient = STRALLOC_ZERO;

/* ---- the connection ---- */

static int connect_to_socket(char const *path)
{
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof a.sun_path) strerr_dief(LATER, path, " is too long for the name of a socket");
  strcpy(a.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || connect(fd, (struct sockaddr const *)&a, sizeof a) == -1) strerr_diefusys(LATER, "connect to ", path);
  return fd;
}

/* host:port or [host]:port, cut in place. */
static char *cut_port(char *where)
{
  char *colon = strrchr(where, ':');
  if (!colon || colon == where || !colon[1]) strerr_dieusage(LATER, USAGE);
  *colon = 0;
  return colon + 1;
}

static char const *cut_brackets(char *host)
{
  size_t len = strlen(host);
  if (*host != '[' || host[len - 1] != ']') return host;
  host[len - 1] = 0;
  return host + 1;
}

static int connect_to_address(struct addrinfo const *a)
{
  struct timeval const patience = { .tv_sec = CONNECT_SECONDS };
  int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
  if (fd == -1) return -1;
  bool connected = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0
                && connect(fd, a->ai_addr, a->ai_addrlen) == 0;
  if (connected) return fd;
  close(fd);
  return -1;
}

static int connect_to_host(char const *where)
{
  static stralloc text = STRALLOC_ZERO;
  struct addrinfo const hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *all;
  int fd = -1;
  text_set(&text, where);
  char *host = text_z(&text), *port = cut_port(host);
  int r = getaddrinfo(cut_brackets(host), port, &hints, &all);
  if (r) strerr_dief(LATER, "unable to find ", where, ": ", gai_strerror(r));
  for (struct addrinfo *a = all; a && fd == -1; a = a->ai_next) fd = connect_to_address(a);
  if (fd == -1) strerr_diefusys(LATER, "connect to ", where);
  freeaddrinfo(all);
  return fd;
}

/* ---- the message ---- */

/* As LMTP writes it. What would end a command ends the delivery. */
static void take_address(stralloc *to, char const *address)
{
  if (strpbrk(address, "\r\n")) strerr_dief(LATER, "an address with a line end cannot be said");
  while (!address_quote(to, address, strlen(address))) memory_gone();
  text_z(to);
}

static char const *sender_of_message(void)
{
  char const *s = getenv("SENDER");
  return s && strcmp(s, "#@[]") != 0 ? s : "";
}

static char const *recipient_of_message(char const *said)
{
  char const *s = said ? said : getenv("RECIPIENT");
  if (!s || !*s) strerr_dief(LATER, "no address, and no RECIPIENT in the environment");
  return s;
}

static bool begin(void)
{
  return true;
}

static ssize_t next(char const **piece)
{
  static char block[32768];
  *piece = block;
  return fd_read(0, block, sizeof block);
}

/* ---- the conversation ---- */

static int verdict_on_recipient;        /* the code; 0: it was not heard */

static char const *the_recipient(size_t i)
{
  (void)i;
  return recipient.s;
}

static void heard(size_t i, struct smtp_reply const *reply)
{
  (void)i;
  verdict_on_recipient = (int)reply->code;
}

/* Goes into a report, or into the log. */
static void print_reply(void)
{
  struct smtp_reply const *r = &client.reply;
  if (r->len) allwrite(1, r->text, r->len);
  if (r->len && r->text[r->len - 1] != '\n') allwrite(1, "\n", 1);
}

static char const *said_of(enum smtp_outcome o)
{
  switch (o) {
    case SMTP_GREETING_FAILED: case SMTP_NAME_REJECTED: return "it takes no mail now";
    case SMTP_SENDER_REJECTED: return "it refuses the sender";
    case SMTP_NOBODY_TAKEN: return "it refuses the recipient";
    case SMTP_DATA_FAILED: case SMTP_MESSAGE_FAILED: case SMTP_BROKE_OFF: return "it refuses the message";
    case SMTP_UNREADABLE: return "unable to read the message";
    case SMTP_SENSELESS: return "its replies make no sense";
    default: return "the connection died";
  }
}

/* A store that takes nobody's mail now is no reason to return it. */
static bool is_for_ever(enum smtp_outcome o)
{
  bool of_message = o == SMTP_SENDER_REJECTED || o == SMTP_DATA_FAILED || o == SMTP_MESSAGE_FAILED || o == SMTP_BROKE_OFF;
  return o == SMTP_NOBODY_TAKEN ? verdict_on_recipient >= 500 : of_message && client.reply.code >= 500;
}

/* A store that does not know of such addresses says itself what it thinks of one. */
static bool is_wide(stralloc const *address)
{
  return !utf8_is_ascii(address->s, address->len);
}

static enum smtp_outcome speak(char const *name)
{
  struct smtp_envelope const envelope = {
    .sender = sender.s, .eight_bit = true, .utf8 = is_wide(&sender) || is_wide(&recipient), .count = 1, .recipient = the_recipient, .heard = heard
  };
  struct smtp_source const source = { begin, next };
  enum smtp_outcome o = smtp_client_greet(&client, name);
  if (o == SMTP_OK) o = smtp_client_envelope(&client, &envelope);
  if (o == SMTP_OK) o = smtp_client_message(&client, &source);
  return o == SMTP_OK ? smtp_client_verdict(&client) : o;
}

static char const *own_name(void)
{
  static char name[NAME_MAX_HERE + 1];
  return gethostname(name, sizeof name - 1) == 0 && *name ? name : "localhost";
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-lmtp";
  if (argc < 2 || argc > 3) strerr_dieusage(LATER, USAGE);
  sig_altignore(SIGPIPE);
  take_address(&sender, sender_of_message());
  take_address(&recipient, recipient_of_message(argv[2]));
  int fd = strchr(argv[1], '/') ? connect_to_socket(argv[1]) : connect_to_host(argv[1]);
  smtp_client_begin(&client, fd, fd, &times);
  client.speaks_lmtp = true;
  enum smtp_outcome o = speak(own_name());
  print_reply();
  if (o != SMTP_OK) strerr_dief(is_for_ever(o) ? NEVER : LATER, argv[1], ": ", said_of(o));
  smtp_client_quit(&client);
  return 0;
}
